import { assert, describe, it } from "@effect/vitest"
import { type CacheEntry, JournalEntry, Json } from "effect-cni"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { times } from "../../support/extent.ts"

const decode = (text: string) => Result.getOrThrow(JournalEntry.decode(text))
const issueOf = (text: string) => Result.getOrThrow(Result.flip(JournalEntry.decode(text)))

const owner: JournalEntry.Owner = { pid: 7, startTime: "42", lease: "l", boot: "b", machine: "m", ancestors: [1] }

const begun: JournalEntry.JournalEntry = {
  network: "net",
  containerId: "c1",
  ifName: "eth0",
  id: "1",
  state: "adding",
  cniVersion: "1.1.0",
  plugins: [{ type: "bridge" }],
  netns: "/run/netns/c1",
  cniArgs: [["A", "1"]],
  capabilityArgs: {},
  namespace: { device: "4", inode: "4026532008", boot: "b", createdAt: "1" },
  owner,
  scoped: false,
  operation: { owner, netns: "/run/netns/c1", searchPath: "/opt/cni/bin" },
  look: "free",
  ownNamespace: false,
  result: undefined,
  done: 0,
  running: undefined,
  since: 1000,
  changed: 1000,
  issue: undefined
}

const write = (...events: ReadonlyArray<JournalEntry.JournalEvent>) =>
  JournalEntry.encode(begun) + events.map(JournalEntry.encodeEvent).join("")

const running: JournalEntry.StartedPlugin = { pid: 8, startTime: "43", command: "ADD", path: "/bin/bridge" }
const started: JournalEntry.JournalEvent = { _tag: "Started", ...running }
const succeeded: JournalEntry.JournalEvent = { _tag: "Succeeded", result: { cniVersion: "1.1.0" } }
const failed: JournalEntry.JournalEvent = { _tag: "Became", state: "failed", at: 2000, issue: "no bridge" }

// As they come back: a long integer is a bigint, half of a character is U+FFFD.
const canonical = (json: Json.JsonObject): Json.JsonObject =>
  Result.getOrThrow(Result.filterOrFail(Json.parse(Json.stringify(json)), Json.isJsonObject, () => "not an object"))

const members = Arbitrary.map(Arbitrary.schema(Schema.JsonObject), canonical)
const text = Arbitrary.map(Arbitrary.schema(Schema.String), (value) => value.toWellFormed())
const integer = Arbitrary.schema(Schema.Int)
const boolean = Arbitrary.schema(Schema.Boolean)
const state = Arbitrary.schema(JournalEntry.AttachmentState)

const owners: Arbitrary.Arbitrary<JournalEntry.Owner> = Arbitrary.map(
  Arbitrary.all({ pid: integer, startTime: text, lease: text, isFull: boolean, boot: text, machine: text }),
  ({ boot, isFull, machine, ...some }) => ({ ...some, ...(isFull && { boot, machine, ancestors: [some.pid, 1] }) })
)

const entries: Arbitrary.Arbitrary<JournalEntry.JournalEntry> = Arbitrary.all({
  network: text,
  containerId: text,
  ifName: text,
  id: text,
  state,
  cniVersion: text,
  plugins: Arbitrary.array(members, { maxLength: 3 }),
  netns: text,
  cniArgs: Arbitrary.array(Arbitrary.all([text, text]), { maxLength: 3 }),
  capabilityArgs: members,
  hasNamespace: boolean,
  namespace: Arbitrary.all({ device: text, inode: text, boot: text }),
  owner: owners,
  searchPath: text,
  hasLook: boolean,
  look: Arbitrary.schema(JournalEntry.InterfaceLook),
  ownNamespace: boolean,
  scoped: boolean,
  hasResult: boolean,
  result: members,
  since: integer
}).pipe(
  Arbitrary.map(({ hasLook, hasNamespace, hasResult, look, namespace, result, searchPath, ...entry }) => ({
    ...entry,
    operation: { owner: entry.owner, netns: entry.netns, searchPath },
    look: hasLook ? look : undefined,
    namespace: hasNamespace ? namespace : undefined,
    result: hasResult ? result : undefined,
    done: 0,
    running: undefined,
    changed: entry.since,
    issue: undefined
  }))
)

const kinds = Arbitrary.schema(Schema.Literals(["Started", "Succeeded", "Became", "Became failed"]))

const events: Arbitrary.Arbitrary<ReadonlyArray<JournalEntry.JournalEvent>> = Arbitrary.array(
  Arbitrary.map(
    Arbitrary.all({ kind: kinds, pid: integer, text, state, at: integer, result: members, owner: owners }),
    ({ at, kind, owner, pid, result, state: next, text: some }): JournalEntry.JournalEvent => {
      switch (kind) {
        case "Started":
          return { _tag: "Started", pid, startTime: some, command: "DEL", path: some }
        case "Succeeded":
          return { _tag: "Succeeded", result }
        case "Became":
          return { _tag: "Became", state: next, at, operation: { owner, netns: some, searchPath: some } }
        case "Became failed":
          return { _tag: "Became", state: "failed", at, issue: some }
      }
    }
  ),
  { maxLength: 6 }
)

const linesOf = (some: string) => some.split("\n").length - 1

describe("JournalEntry: its text", () => {
  it("begins with one line that has everything the attachment was made with", () => {
    assert.strictEqual(
      write(),
      `{"capabilityArgs":{},"cniArgs":[["A","1"]],"cniVersion":"1.1.0","containerId":"c1","id":"1","ifName":"eth0",` +
        `"kind":"effectCniAttachmentV1","look":"free","namespace":{"boot":"b","createdAt":"1","device":"4","inode":"4026532008"},` +
        `"netns":"/run/netns/c1","network":"net",` +
        `"owner":{"ancestors":[1],"boot":"b","lease":"l","machine":"m","pid":7,"startTime":"42"},` +
        `"plugins":[{"type":"bridge"}],"scoped":false,"searchPath":"/opt/cni/bin","since":1000,"state":"adding"}\n`
    )
  })

  it.prop("gives back every entry that it wrote", [entries], ([entry]) => {
    const written = JournalEntry.encode(entry)
    assert.strictEqual(linesOf(written), 1)
    assert.deepStrictEqual(decode(written), entry)
    assert.strictEqual(JournalEntry.encode(decode(written)), written)
  }, { arbitrary: { runs: times({ part: 50, whole: 500 }) } })

  it.prop(
    "tells what has happened before the line that was cut off, wherever that was",
    [entries, events, Arbitrary.schema(Schema.Int)],
    ([entry, happened, at]) => {
      const first = new TextEncoder().encode(JournalEntry.encode(entry)).length
      const bytes = new TextEncoder().encode(
        JournalEntry.encode(entry) + happened.map(JournalEntry.encodeEvent).join("")
      )
      const cut = Json.decodeText(bytes.subarray(0, first + Math.abs(at) % (bytes.length - first + 1)))
      const whole = happened.slice(0, linesOf(cut) - 1)
      assert.deepStrictEqual(decode(cut), whole.reduce(JournalEntry.apply, entry))
    },
    { arbitrary: { runs: times({ part: 100, whole: 1000 }) } }
  )

  // A member that nobody knows is not kept, but it makes the line one that is not read at a glance.
  const strange = (lines: string) => lines.replaceAll("}\n", `,"strange":1}\n`)

  it.prop("says the same with strange members in every line", [entries, boolean], ([entry, isMore]) => {
    const more = [started, succeeded, failed, { ...failed, id: entry.id, issue: "x" }, started]
    const written = JournalEntry.encode(entry) + (isMore ? more.map(JournalEntry.encodeEvent).join("") : "")
    assert.deepStrictEqual(decode(strange(written)), decode(written))
  })

  it.each([
    [`"pid":8,`, `"pid":8.5,`],
    [`"command":"ADD"`, `"command":"ADDED"`],
    [`"result":{`, `"result":[{`],
    [`"state":"failed"`, `"state":"lost"`],
    [`"at":2000`, `"at":"2000"`],
    [`"issue":"no bridge"`, `"issue":null`],
    [`"scoped":false`, `"scoped":0`],
    [`"cniArgs":[["A","1"]]`, `"cniArgs":[["A"]]`],
    [`"createdAt":"1"`, `"createdAt":1`],
    [`"kind":"effectCniAttachmentV1"`, `"kind":"effectCniAttachmentV2"`]
  ])("is none with another thing than %s", (there, instead) => {
    const written = write(succeeded, started, failed)
    assert.include(written, there)
    const wrong = written.replace(there, instead).replace(
      `"result":[{"cniVersion":"1.1.0"}`,
      `"result":[{"cniVersion":"1.1.0"}]`
    )
    assert.isString(issueOf(wrong))
  })

  it("is damaged when one of its lines is", () => {
    const lines = [started, succeeded, started, succeeded, started, failed].map(JournalEntry.encodeEvent)
    const textOf = (some: ReadonlyArray<string>) => JournalEntry.encode(begun) + some.join("")
    const whole = decode(textOf(lines))
    assert.deepStrictEqual([whole.done, whole.result], [2, { cniVersion: "1.1.0" }])
    for (const [at, line] of lines.entries()) {
      const damaged = [
        line.replace(/":[^:]*}+\n$/, `":?}\n`),
        line.replace("{", "["),
        `${line.slice(0, line.length / 2)}\n`
      ]
      for (const other of damaged) {
        assert.notStrictEqual(other, line)
        assert.isString(issueOf(textOf(lines.toSpliced(at, 1, other))))
      }
    }
  })

  it("can be cut off after every byte but those of its first line", () => {
    const first = write().length
    const bytes = new TextEncoder().encode(write(started, { ...failed, issue: "kein Gerät \u{1F600}" }))
    const lastStarted = write(started).length
    for (let at = first; at < bytes.length; at++) {
      const cut = decode(Json.decodeText(bytes.subarray(0, at)))
      assert.deepStrictEqual([cut.state, cut.running], ["adding", at < lastStarted ? undefined : running])
    }
    assert.strictEqual(decode(Json.decodeText(bytes)).state, "failed")
  })

  it("keeps integers to the last digit", () => {
    const big = { cniVersion: "1.1.0", vendor: { ids: [9007199254740993n, -12345678901234567890n] } }
    const began = { ...begun, result: big, plugins: [big], capabilityArgs: big }
    assert.deepStrictEqual(decode(JournalEntry.encode(began)), began)
    assert.deepStrictEqual(decode(write({ _tag: "Succeeded", result: big })).result, big)
    assert.include(write({ _tag: "Succeeded", result: big }), "[9007199254740993,-12345678901234567890]")
  })

  it("says why it is none", () => {
    assert.strictEqual(issueOf(""), "it is empty")
    for (const length of [1, 20, write().length - 1]) {
      assert.strictEqual(issueOf(write().slice(0, length)), "its first line is cut off")
    }
    assert.match(issueOf(write().replace(`"pid":7`, `"pid":"7"`)), /^owner\.pid: /)
    assert.match(issueOf(write().replace(`"adding"`, `"odd"`)), /^state: /)
    assert.match(issueOf(write().replace("V1", "V9")), /^kind: /)
    assert.match(issueOf(write().replace(`[{"type":"bridge"}]`, "[5]")), /^plugins\[0\]: /)
    assert.match(issueOf(write(failed).replace(`"at":2000`, `"at":"2"`)), /at: /)
  })

  it.each(["\n", "garbage\n", "[]\n", "null\n", "{}\n", `{"kind":\n`, "\0\n", "\uFEFF{}\n", `${"[".repeat(600)}\n`])(
    "does not decode %j, as its first line or a later one",
    (line) => {
      assert.notStrictEqual(issueOf(line), "")
      assert.notStrictEqual(issueOf(line + write()), "")
      assert.notStrictEqual(issueOf(write(started) + line + JournalEntry.encodeEvent(succeeded)), "")
    }
  )

  it("is not read deeper than the limit", () => {
    const limits = { ...Json.defaultLimits, maxDepth: 3 }
    assert.isTrue(Result.isSuccess(JournalEntry.decode(write(), limits)))
    assert.match(
      Result.getOrThrow(
        Result.flip(JournalEntry.decode(write({ _tag: "Succeeded", result: { a: { b: { c: 1 } } } }), limits))
      ),
      /deeper than the limit/
    )
  })
})

describe("JournalEntry: what has happened", () => {
  it("is begun, with nothing done", () => {
    assert.deepStrictEqual(decode(write()), begun)
  })

  it("has a plugin that runs, until that has succeeded", () => {
    assert.deepStrictEqual(decode(write(started)), { ...begun, running })
    assert.deepStrictEqual(decode(write(started, succeeded)), { ...begun, result: { cniVersion: "1.1.0" }, done: 1 })
  })

  it("has the result of the last plugin that succeeded, and how many have", () => {
    const second: JournalEntry.JournalEvent = { _tag: "Succeeded", result: { cniVersion: "1.1.0", ips: [] } }
    assert.deepStrictEqual(decode(write(started, succeeded, { ...started, pid: 9 }, second)), {
      ...begun,
      result: { cniVersion: "1.1.0", ips: [] },
      done: 2
    })
  })

  it("is none of what is said of an earlier entry of that name", () => {
    assert.deepStrictEqual(decode(write(started, { ...failed, id: "0" })), { ...begun, running })
    assert.strictEqual(decode(write(started, { ...failed, id: begun.id })).state, "failed")
  })

  it("says since when it is in a state, and why it failed until it is in another", () => {
    const after = decode(write(started, failed))
    assert.deepStrictEqual(after, { ...begun, state: "failed", changed: 2000, issue: "no bridge" })
    const again = decode(write(failed, { _tag: "Became", state: "deleting", at: 3000 }))
    assert.deepStrictEqual(again, { ...begun, state: "deleting", changed: 3000, issue: undefined })
  })
})

describe("JournalEntry: how it stands to the record", () => {
  const ours: CacheEntry.CacheRecord = {
    _tag: "CacheRecord",
    network: "net",
    containerId: "c1",
    ifName: "eth0",
    config: new Uint8Array(),
    netns: "",
    cniArgs: [],
    capabilityArgs: {},
    result: { ips: [], cniVersion: "1.1.0" },
    unknown: {}
  }
  const legacy: CacheEntry.ForeignEntry = {
    _tag: "ForeignEntry",
    kind: "",
    owner: undefined,
    json: { cniVersion: "0.2.0" },
    issue: undefined
  }
  const records = {
    "no record": undefined,
    "our record": ours,
    "a record with another result": { ...ours, result: { ...ours.result, ips: [{ address: "10.0.0.9/24" }] } },
    "a record of another attachment of that name": { ...ours, network: "net-c1", containerId: "x" },
    "a damaged record": { ...legacy, kind: "cniCacheV1", issue: "result: it is no object" },
    "a legacy file": legacy
  }
  const states: ReadonlyArray<JournalEntry.AttachmentState> = ["attached", "adding", "deleting", "failed"]
  const expected: Readonly<
    Record<keyof typeof records, readonly [JournalEntry.Standing, JournalEntry.Standing]>
  > = {
    "no record": ["overtaken", "unfinished"],
    "our record": ["attached", "unfinished"],
    "a record with another result": ["overtaken", "overtaken"],
    "a record of another attachment of that name": ["overtaken", "overtaken"],
    "a damaged record": ["overtaken", "unfinished"],
    "a legacy file": ["overtaken", "unfinished"]
  }
  const entryIn = (reached: JournalEntry.AttachmentState, result: Json.JsonObject | undefined = ours.result) => ({
    ...begun,
    state: reached,
    result
  })
  const isKind = (name: string): name is keyof typeof records => Object.hasOwn(records, name)

  it.each(Object.keys(records).filter(isKind))("compares every state with %s", (name) => {
    const [attached, other] = expected[name]
    const compared = states.map((reached) =>
      JournalEntry.standing({ ...entryIn(reached), done: begun.plugins.length }, records[name])
    )
    assert.deepStrictEqual(compared, [attached, other, other, other])
  })

  it("does not take a record for that of an ADD that has not come to its last plugin", () => {
    assert.strictEqual(JournalEntry.standing({ ...entryIn("adding"), done: 0 }, ours), "overtaken")
  })

  it("compares results by what they say, not by how they are written", () => {
    const result = { ips: [{ address: "10.0.0.1/24", id: 12345678901234567890n }], cniVersion: "1.1.0" }
    const sorted = { cniVersion: "1.1.0", ips: [{ id: 12345678901234567890n, address: "10.0.0.1/24" }] }
    const other = { cniVersion: "1.1.0", ips: [{ id: 12345678901234567891n, address: "10.0.0.1/24" }] }
    assert.strictEqual(JournalEntry.standing(entryIn("attached", result), { ...ours, result: sorted }), "attached")
    assert.strictEqual(JournalEntry.standing(entryIn("attached", result), { ...ours, result: other }), "overtaken")
  })

  it("does not take a record for its own while it has no result", () => {
    assert.deepStrictEqual(
      states.map((reached) => JournalEntry.standing({ ...begun, state: reached }, { ...ours, result: {} })),
      ["overtaken", "overtaken", "overtaken", "overtaken"]
    )
  })
})

describe("JournalEntry: namespaces", () => {
  const namespace = { device: "4", inode: "4026532008", boot: "b", createdAt: "1" }
  const { createdAt: _, ...timeless } = namespace
  const isSame = (found: JournalEntry.NamespaceId, atSamePath = true) =>
    JournalEntry.isSameNamespace(namespace, found, { atSamePath })

  it("are the same when everything that is known of them is", () => {
    assert.isTrue(isSame({ ...namespace }))
    assert.isTrue(JournalEntry.isSameNamespace(timeless, { ...timeless }, { atSamePath: true }))
  })

  it.each(["device", "inode", "boot", "createdAt"])("are not the same when one has another %s", (member) => {
    assert.isFalse(isSame({ ...namespace, [member]: "other" }))
  })

  it("are not the same when the time of one cannot be told", () => {
    assert.isFalse(isSame(timeless))
  })

  it("are the same by another path, which was made at another time", () => {
    assert.isTrue(isSame({ ...namespace, createdAt: "2" }, false))
    assert.isTrue(isSame(timeless, false))
    assert.isFalse(isSame({ ...namespace, inode: "4026532009" }, false))
  })

  it("are not told apart by a boot that could not be read", () => {
    assert.isTrue(isSame({ ...namespace, boot: "" }))
    assert.isTrue(JournalEntry.isSameNamespace({ ...namespace, boot: "" }, namespace, { atSamePath: true }))
  })
})

describe("JournalEntry: where an owner ran", () => {
  const of = (boot?: string, machine?: string): JournalEntry.Owner => ({
    ...owner,
    lease: "l",
    ...(boot !== undefined && { boot }),
    ...(machine !== undefined && { machine })
  })
  const { boot: _, machine: __, ...unknown } = owner

  it.each<readonly [JournalEntry.Owner, JournalEntry.Host, JournalEntry.Origin]>([
    [of("b", "m"), { boot: "b", machine: "m" }, "this boot"],
    // A container has the boot of its host and a machine ID of its own.
    [of("b", "m"), { boot: "b", machine: "n" }, "this boot"],
    [of("a", "m"), { boot: "b", machine: "m" }, "earlier boot"],
    [of("a", "m"), { boot: "b", machine: "n" }, "other machine"],
    [of("a", "m"), { boot: "b", machine: undefined }, "other machine"],
    [{ ...unknown, boot: "a" }, { boot: "b", machine: undefined }, "earlier boot"],
    [unknown, { boot: "b", machine: "m" }, "this boot"],
    [of("a", "m"), { boot: undefined, machine: "m" }, "this boot"]
  ])("is told by boot, then by machine (%#)", (some, here, origin) => {
    assert.strictEqual(JournalEntry.originOf(some, here), origin)
  })
})

/** What every journal of attachments must do. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentJournal, JournalEntry, Json, Tunables } from "effect-cni"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"

const key = { network: "net", containerId: "c1", ifName: "eth0" }

const owner: JournalEntry.Owner = { pid: 7, startTime: "42", lease: "l" }

export const entry: JournalEntry.JournalEntry = {
  ...key,
  id: "1",
  state: "adding",
  cniVersion: "1.1.0",
  plugins: [{ type: "bridge", ipam: { type: "host-local" } }, { type: "portmap", big: 12345678901234567890n }],
  netns: "/run/netns/c1",
  cniArgs: [["A", "1"]],
  capabilityArgs: { portMappings: [{ hostPort: 8080 }] },
  namespace: { device: "4", inode: "4026532008", boot: "b" },
  owner,
  scoped: true,
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

const running: JournalEntry.StartedPlugin = { pid: 8, startTime: "43", command: "ADD", path: "/bin/bridge" }

export const started: JournalEntry.JournalEvent = { _tag: "Started", ...running }
export const succeeded: JournalEntry.JournalEvent = {
  _tag: "Succeeded",
  result: { cniVersion: "1.1.0", big: 9007199254740993n }
}
export const failed: JournalEntry.JournalEvent = { _tag: "Became", state: "failed", at: 2000, issue: "no bridge" }

/** A journal that starts with these files, by name. */
export type World = (
  files: Readonly<Record<string, string>>
) => Effect.Effect<Layer.Layer<AttachmentJournal>, never, Scope.Scope>

export const contract = (name: string, world: World) =>
  describe(`AttachmentJournal (${name})`, () => {
    const test = <A, E>(
      title: string,
      files: Readonly<Record<string, string>>,
      body: (journal: AttachmentJournal["Service"]) => Effect.Effect<A, E>
    ) =>
      it.effect(
        title,
        () => Effect.flatMap(world(files), (layer) => Effect.provide(AttachmentJournal.use(body), layer))
      )

    test("gives back what was begun, and nothing after removal", {}, (journal) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* journal.get(key), Option.none())
        assert.isTrue(yield* journal.begin(entry))
        assert.deepStrictEqual(yield* journal.get(key), Option.some(entry))
        yield* journal.remove(key)
        assert.deepStrictEqual(yield* journal.get(key), Option.none())
        assert.isTrue(yield* journal.begin({ ...entry, id: "2" }))
        assert.deepStrictEqual(yield* journal.get(key), Option.some({ ...entry, id: "2" }))
      }))

    test("begins an attachment once, and leaves the first as it was", {}, (journal) =>
      Effect.gen(function*() {
        assert.isTrue(yield* journal.begin(entry))
        yield* journal.note(key, started)
        assert.isFalse(yield* journal.begin({ ...entry, id: "2", netns: "/other" }))
        const first = yield* journal.get(key)
        assert(Option.isSome(first))
        assert.deepStrictEqual([first.value.id, first.value.netns, first.value.running?.pid], ["1", entry.netns, 8])
      }))

    test("lets one of many begin who want to at once", {}, (journal) =>
      Effect.gen(function*() {
        const ids = Array.from({ length: 20 }, (_, at) => `${at}`)
        const begun = yield* Effect.forEach(ids, (id) => journal.begin({ ...entry, id }), { concurrency: "unbounded" })
        assert.strictEqual(begun.filter((isFirst) => isFirst).length, 1)
        const first = yield* journal.get(key)
        assert(Option.isSome(first))
        assert.strictEqual(first.value.id, ids[begun.indexOf(true)])
      }))

    test("begins a name that two attachments share for one of them, and says whose it is", {}, (journal) =>
      Effect.gen(function*() {
        const left = { network: "a-b", containerId: "c", ifName: "eth0" }
        const right = { network: "a", containerId: "b-c", ifName: "eth0" }
        assert.isTrue(yield* journal.begin({ ...entry, ...left }))
        assert.isFalse(yield* journal.begin({ ...entry, ...right }))
        assert.deepStrictEqual(yield* journal.get(right), Option.some({ ...entry, ...left }))
        assert.strictEqual((yield* Effect.flip(journal.note(right, failed))).reason, "ENOENT")
        yield* journal.remove(right)
        assert.deepStrictEqual(yield* journal.get(left), Option.some({ ...entry, ...left }))
        yield* journal.remove(left)
        assert.isTrue(yield* journal.begin({ ...entry, ...right }))
      }))

    test("does not begin where a damaged file is", { "net-c1-eth0": "damaged" }, (journal) =>
      Effect.gen(function*() {
        assert.isFalse(yield* journal.begin(entry))
        yield* journal.remove(key)
        assert.isTrue(yield* journal.begin(entry))
      }))

    test("adds what has happened, in order, and to no other attachment", {}, (journal) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        yield* journal.begin({ ...entry, containerId: "c2" })
        yield* journal.note(key, started)
        assert.deepStrictEqual(yield* journal.get(key), Option.some({ ...entry, running }))
        yield* journal.note(key, succeeded)
        yield* journal.note(key, failed)
        assert.deepStrictEqual(
          yield* journal.get(key),
          Option.some<JournalEntry.JournalEntry>({
            ...entry,
            result: succeeded.result,
            done: 1,
            state: "failed",
            changed: 2000,
            issue: "no bridge"
          })
        )
        assert.deepStrictEqual(
          yield* journal.get({ ...key, containerId: "c2" }),
          Option.some({ ...entry, containerId: "c2" })
        )
      }))

    test("keeps what is as deep as configurations and results may be", {}, (journal) =>
      Effect.gen(function*() {
        const deepest = Array.from({ length: Json.defaultLimits.maxDepth - 1 }).reduce<Json.JsonObject>(
          (inner) => ({ inner }),
          {}
        )
        yield* journal.begin({ ...entry, plugins: [deepest], capabilityArgs: deepest })
        yield* journal.note(key, { _tag: "Succeeded", result: deepest })
        const found = yield* journal.get(key)
        assert(Option.isSome(found))
        assert.deepStrictEqual([found.value.plugins, found.value.result], [[deepest], deepest])
      }))

    test("adds nothing to what is not there", {}, (journal) =>
      Effect.gen(function*() {
        yield* journal.begin({ ...entry, containerId: "c2" })
        const error = yield* Effect.flip(journal.note(key, started))
        assert(error._tag === "CacheIoError")
        assert.deepStrictEqual([error.operation, error.path, error.reason], ["write", journal.pathOf(key), "ENOENT"])
        assert.deepStrictEqual(yield* journal.get(key), Option.none())
      }))

    const half = JournalEntry.encode(entry) + JournalEntry.encodeEvent(succeeded).slice(0, -5)

    test("ignores a line that was cut off", { "net-c1-eth0": half }, (journal) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* journal.get(key), Option.some(entry))
        assert.deepStrictEqual(yield* journal.list(), { entries: [entry], damaged: [] })
      }))

    test("goes on after a line that was cut off", { "net-c1-eth0": half }, (journal) =>
      Effect.gen(function*() {
        yield* journal.note(key, failed)
        assert.deepStrictEqual(
          yield* journal.get(key),
          Option.some<JournalEntry.JournalEntry>({ ...entry, state: "failed", changed: 2000, issue: "no bridge" })
        )
      }))

    test("removes what is not there without complaint", {}, (journal) =>
      Effect.gen(function*() {
        yield* journal.remove(key)
        yield* journal.begin(entry)
        yield* journal.remove(key)
        yield* journal.remove(key)
        assert.deepStrictEqual(yield* journal.list(), { entries: [], damaged: [] })
      }))

    test("says that a file is damaged, which, and on which network", { "net-c1-eth0": "half an ent" }, (journal) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(journal.get(key))
        assert(error._tag === "CacheEntryInvalid")
        assert.deepStrictEqual(
          [error.network, error.path, error.issue],
          ["net", journal.pathOf(key), "its first line is cut off"]
        )
      }))

    test("lists a damaged file with the network that its text still names", {
      "a-c1-eth0": `${JournalEntry.encode({ ...entry, network: "a" })}half a line\n`,
      "b-c1-eth0": `{"network":"b"}\n`,
      "c-c1-eth0": `{"network":7}\n`,
      "d-c1-eth0": JournalEntry.encode({ ...entry, network: "d" }).slice(0, -9)
    }, (journal) =>
      Effect.gen(function*() {
        const { damaged, entries } = yield* journal.list()
        assert.deepStrictEqual(entries, [])
        assert.deepStrictEqual(
          damaged.map(({ network }) =>
            network
          ),
          ["a", "b", "", ""]
        )
        const error = yield* Effect.flip(journal.get({ ...key, network: "c" }))
        assert(error._tag === "CacheEntryInvalid")
        assert.strictEqual(error.network, "c")
      }))

    test("takes an entry under another attachment's name for damaged", {
      "net-c1-eth0": JournalEntry.encode({ ...entry, ifName: "eth1" })
    }, (journal) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(journal.get(key))
        assert(error._tag === "CacheEntryInvalid")
        assert.strictEqual(error.issue, "it is not about the attachment of its name")
        const { damaged, entries } = yield* journal.list("c1")
        assert.deepStrictEqual([
          entries,
          damaged.map(({ path }) =>
            path
          )
        ], [[], [journal.pathOf(key)]])
      }))

    test("gives an entry anew each time: what a caller does to one is not seen by the next", {}, (journal) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        const first = Option.getOrThrow(yield* journal.get(key))
        Object.assign(first, { netns: "/other" })
        Object.assign(first.plugins[0] ?? {}, { type: "other" })
        assert.deepStrictEqual(yield* journal.get(key), Option.some(entry))
        assert.deepStrictEqual((yield* journal.list()).entries, [entry])
      }))

    test("refuses names that lead out of it, and to write those that are too long for a file", {}, (journal) =>
      Effect.gen(function*() {
        const evil = { ...entry, ifName: "../x" }
        const tooLong = { ...entry, containerId: "c".repeat(250) }
        const refused = [
          yield* Effect.flip(journal.get(evil)),
          yield* Effect.flip(journal.begin(evil)),
          yield* Effect.flip(journal.note(evil, started)),
          yield* Effect.flip(journal.remove(evil)),
          yield* Effect.flip(journal.begin(tooLong)),
          yield* Effect.flip(journal.note(tooLong, started))
        ]
        assert.deepStrictEqual(
          refused.map((error) =>
            error._tag === "CacheIoError" ? `${error.operation} ${error.reason}` : error._tag
          ),
          [
            "read InvalidName",
            "write InvalidName",
            "write InvalidName",
            "remove InvalidName",
            "write ENAMETOOLONG",
            "write ENAMETOOLONG"
          ]
        )
        assert.deepStrictEqual(yield* journal.get(tooLong), Option.none())
        yield* journal.remove(tooLong)
      }))

    test("reads no entry that is deeper than the limits", {
      "net-c1-eth0": JournalEntry.encode({ ...entry, capabilityArgs: { a: { b: { c: { d: { e: {} } } } } } })
    }, (journal) =>
      Effect.gen(function*() {
        const limits = { maxBytes: 100_000, maxDepth: 4 }
        const error = yield* Effect.flip(journal.get(key)).pipe(
          Effect.provideService(Tunables.JsonLimit, limits),
          Effect.provideService(Tunables.OutputLimit, { stdout: limits, stderrBytes: 10 })
        )
        assert.strictEqual(error._tag, "CacheEntryInvalid")
      }))

    test("lists nothing where nothing was begun", {}, (journal) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* journal.list(), { entries: [], damaged: [] })
        assert.deepStrictEqual(yield* journal.list("c1"), { entries: [], damaged: [] })
      }))

    test("lists the entries by file name, and the files that are none", {
      "net-c1-eth9": "damaged",
      "net-c0-eth0": "",
      "nameless": "{}\n"
    }, (journal) =>
      Effect.gen(function*() {
        for (const containerId of ["c2", "c10"]) {
          yield* journal.begin({ ...entry, containerId })
        }
        yield* journal.begin({ ...entry, network: "a" })
        yield* journal.begin({ ...entry, network: "Z" })
        yield* journal.note({ ...key, containerId: "c2" }, failed)
        const { damaged, entries } = yield* journal.list()
        assert.deepStrictEqual(
          entries.map(({ containerId, network, state }) =>
            `${network} ${containerId} ${state}`
          ),
          ["Z c1 adding", "a c1 adding", "net c10 adding", "net c2 failed"]
        )
        assert.deepStrictEqual(
          damaged.map(({ path }) =>
            path.slice(path.lastIndexOf("/") + 1)
          ),
          ["nameless", "net-c0-eth0", "net-c1-eth9"]
        )
      }))

    test("lists the entries of a container, and the damaged files that may be its", {
      "net-c1-eth9": "damaged",
      "net-c2-eth9": "damaged"
    }, (journal) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        yield* journal.begin({ ...entry, containerId: "c11" })
        // The file name could be of a container "c1".
        yield* journal.begin({ ...entry, network: "a-c1", containerId: "b" })
        const { damaged, entries } = yield* journal.list("c1")
        assert.deepStrictEqual(entries, [entry])
        assert.deepStrictEqual(
          damaged.map(({ path }) =>
            path
          ),
          [journal.pathOf({ ...key, ifName: "eth9" })]
        )
      }))

    test("keeps what was given up out of its entries, and entries from being swept", {}, (journal) =>
      Effect.gen(function*() {
        yield* journal.begin(entry)
        yield* journal.audit("gave up c0")
        yield* journal.audit("gave up c1")
        yield* journal.sweep
        assert.deepStrictEqual(yield* journal.list(), { entries: [entry], damaged: [] })
      }))
  })

/** Who else can write to the journal, and what becomes of operations then. */
import { assert, describe, it } from "@effect/vitest"
import { AttachmentJournal, Cni, type CniServices, JournalEntry, Tunables } from "effect-cni"
import { NodeAttachmentJournal, NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { foreignAccess } from "../../../src/layers/files/privateDirectory.ts"
import { shardOf } from "../../../src/layers/journal/journalFiles.ts"
import { entry, failed, started } from "../../contract/AttachmentJournal.contract.ts"
import { temporaryDirectory, writeFile, writePlugin } from "../../support/directory.ts"
import { needs } from "../../support/needs.ts"
import { c1, network } from "../../support/network.ts"

const us = process.geteuid?.() ?? -1
const isRoot = us === 0
const key = { network: "net", containerId: "c1", ifName: "eth0" }

const inModes = (modes: Readonly<Record<string, number>>) =>
  Effect.map(temporaryDirectory, (directory) => {
    Fs.mkdirSync(`${directory}/above/cache/ours`, { recursive: true })
    for (const [name, mode] of Object.entries(modes)) Fs.chmodSync(`${directory}/${name}`, mode)
    return directory
  })

const accessIn = (directory: string) =>
  foreignAccess({ directory: `${directory}/above/cache`, inside: [`${directory}/above/cache/ours`] })

describe("a directory that is ours alone", () => {
  it.live.each<readonly [string, Readonly<Record<string, number>>]>([
    ["may be readable for others", { above: 0o755, "above/cache": 0o755, "above/cache/ours": 0o755 }],
    ["may be below a sticky one", { above: 0o1777, "above/cache": 0o1777, "above/cache/ours": 0o700 }]
  ])("%s", ([, modes]) =>
    Effect.gen(function*() {
      assert.strictEqual(accessIn(yield* inModes(modes)), undefined)
    }))

  it.live.each<readonly [string, number, string]>([
    ["above", 0o777, "chmod go-w"],
    ["above", 0o775, "chmod go-w"],
    ["above", 0o757, "chmod go-w"],
    ["above/cache", 0o777, "chmod go-w"],
    ["above/cache/ours", 0o770, "chmod -R go-w"],
    ["above/cache/ours", 0o1777, "chmod -R go-w"]
  ])("is not one where %s has the mode %o", ([name, mode, command]) =>
    Effect.gen(function*() {
      const directory = yield* inModes({ [name]: mode })
      const issue = accessIn(directory) ?? ""
      assert.include(issue, `${directory}/${name} can be written to by other users (mode ${mode.toString(8)})`)
      assert.isTrue(issue.endsWith(`Run: ${command} ${directory}/${name}`), issue)
      ChildProcess.execSync(issue.replace(/^.*Run: /s, ""))
      assert.strictEqual(accessIn(directory), undefined)
    }))

  it.live("is looked at where links lead, and at the links", () =>
    Effect.gen(function*() {
      const directory = yield* inModes({})
      Fs.symlinkSync(`${directory}/above`, `${directory}/link`)
      const place = { directory: `${directory}/link/cache`, inside: [`${directory}/link/cache/ours`] }
      assert.strictEqual(foreignAccess(place), undefined)
      Fs.chmodSync(`${directory}/above/cache`, 0o777)
      assert.include(foreignAccess(place), `${directory}/link/cache can be written to`)
      Fs.chmodSync(`${directory}/above/cache`, 0o755)
      Fs.mkdirSync(`${directory}/open`)
      Fs.chmodSync(`${directory}/open`, 0o777)
      Fs.symlinkSync(`${directory}/above`, `${directory}/open/link`)
      const replaceable = { directory: `${directory}/open/link/cache`, inside: [] }
      assert.include(foreignAccess(replaceable), `${directory}/open can be written to`)
    }))

  it.live("need not be there yet, and its command works for every path", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const odd = `${directory}/it's here`
      Fs.mkdirSync(odd)
      assert.strictEqual(foreignAccess({ directory: `${odd}/a/b`, inside: [`${odd}/a/b/c`] }), undefined)
      Fs.chmodSync(odd, 0o777)
      const issue = foreignAccess({ directory: `${odd}/a/b`, inside: [`${odd}/a/b/c`] }) ?? ""
      ChildProcess.execSync(issue.replace(/^.*Run: /s, ""))
      assert.strictEqual(Fs.statSync(odd).mode & 0o777, 0o755)
    }))
})

describe("a directory that is ours alone, as root sees it", () => {
  needs("root", isRoot)

  it.live.each(["above", "above/cache", "above/cache/ours"])(
    "is not another user's: %s",
    (name) =>
      Effect.gen(function*() {
        const directory = yield* inModes({})
        Fs.chownSync(`${directory}/${name}`, 1234, 1234)
        const issue = accessIn(directory) ?? ""
        assert.include(issue, `${directory}/${name} belongs to user 1234`)
        ChildProcess.execSync(issue.replace(/^.*run: /s, ""))
        assert.strictEqual(accessIn(directory), undefined)
        Fs.symlinkSync(directory, `${directory}/link`)
        Fs.lchownSync(`${directory}/link`, 1234, 1234)
        const linked = foreignAccess({ directory: `${directory}/link/above/cache`, inside: [] }) ?? ""
        assert.include(linked, `${directory}/link belongs to user 1234`)
        ChildProcess.execSync(linked.replace(/^.*run: /s, ""))
        assert.strictEqual(foreignAccess({ directory: `${directory}/link/above/cache`, inside: [] }), undefined)
      })
  )

  // As root of a user namespace that maps only us: it does not map the owner of what is above.
  const inUserNamespace = (directory: string) =>
    ChildProcess.spawnSync("unshare", [
      "--user",
      "--map-root-user",
      process.execPath,
      "--input-type=module",
      "--eval",
      `import { foreignAccess } from ${JSON.stringify(Path.resolve("src/layers/files/privateDirectory.ts"))}
      console.log(foreignAccess(${
        JSON.stringify({ directory: `${directory}/above/cache`, inside: [`${directory}/above/cache/ours`] })
      }))`
    ], { encoding: "utf8" })
  const hasUserNamespaces = ChildProcess.spawnSync("unshare", ["--user", "--map-root-user", "true"]).status === 0

  it.live(
    "may be below one whose owner the user namespace does not map",
    ({ skip }) =>
      Effect.gen(function*() {
        if (!hasUserNamespaces) return skip("this takes the right to make user namespaces")
        const directory = yield* inModes({})
        Fs.chownSync(`${directory}/above`, 1234, 1234)
        assert.strictEqual(inUserNamespace(directory).stdout, "undefined\n")
        Fs.chownSync(`${directory}/above/cache`, 1234, 1234)
        assert.match(inUserNamespace(directory).stdout, /above\/cache belongs to user 65534/)
      })
  )

  it.live(
    "is not below one of the user with the number that stands for those, where all are mapped",
    ({ skip }) =>
      Effect.gen(function*() {
        if (!isRoot) return skip("this takes root")
        const directory = yield* inModes({})
        Fs.chownSync(`${directory}/above`, 65534, 65534)
        assert.include(accessIn(directory), "belongs to user 65534")
      })
  )
})

describe("a journal that another user can write to", () => {
  const operations = (journal: AttachmentJournal["Service"]) =>
    Effect.all([
      Effect.flip(journal.get(key)),
      Effect.flip(journal.begin({ ...entry, containerId: "c2" })),
      Effect.flip(journal.note(key, started)),
      Effect.flip(journal.remove(key)),
      Effect.flip(journal.list("c1")),
      Effect.flip(journal.list()),
      Effect.flip(journal.audit("gave up c0")),
      Effect.flip(journal.sweep)
    ])

  const inJournal = <A, E>(directory: string, body: (journal: AttachmentJournal["Service"]) => Effect.Effect<A, E>) =>
    Effect.provide(AttachmentJournal.use(body), NodeAttachmentJournal.layer(`${directory}/cache`))

  it.live.each(["", "cache", "cache/effect-cni", "cache/effect-cni/journal"])(
    "is neither read nor written: %s",
    (name) =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        yield* inJournal(directory, (journal) => journal.begin(entry))
        const { mode } = Fs.statSync(`${directory}/${name}`)
        Fs.chmodSync(`${directory}/${name}`, 0o777)
        const errors = yield* inJournal(directory, operations)
        for (const error of errors) {
          assert(error._tag === "CacheIoError")
          assert.strictEqual(error.reason, "NotPrivate")
          assert.include(error.message, "Run: chmod ")
          assert.include(error.message, `CacheOwnership "trust"`)
        }
        const trusted = Effect.provideService(
          inJournal(directory, (journal) => journal.get(key)),
          Tunables.CacheOwnership,
          "trust"
        )
        assert.deepStrictEqual(yield* trusted, Option.some(entry))
        Fs.chmodSync(`${directory}/${name}`, mode)
        assert.deepStrictEqual(yield* inJournal(directory, (journal) => journal.get(key)), Option.some(entry))
      })
  )

  it.live("is not made, and what is not there is not looked for", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      Fs.mkdirSync(`${directory}/cache`)
      Fs.chmodSync(`${directory}/cache`, 0o777)
      const error = yield* Effect.flip(inJournal(directory, (journal) => journal.begin(entry)))
      assert.deepStrictEqual([error.operation, error.reason], ["write", "NotPrivate"])
      assert.deepStrictEqual(Fs.readdirSync(`${directory}/cache`), [])
      assert.deepStrictEqual(yield* inJournal(directory, (journal) => journal.list()), { entries: [], damaged: [] })
    }))

  it.live("may have entries of that user in it, once it is ours again", ({ skip }) =>
    Effect.gen(function*() {
      if (!isRoot) return skip("this takes root")
      const directory = yield* temporaryDirectory
      yield* inJournal(directory, (journal) => Effect.andThen(journal.begin(entry), journal.note(key, failed)))
      const file = `${directory}/cache/effect-cni/journal/${shardOf("c1")}/net-c1-eth0`
      Fs.chownSync(file, 1234, 1234)
      const error = yield* Effect.flip(inJournal(directory, (journal) => journal.get(key)))
      assert.include(error.message, "it belongs to user 1234, who may have written anything into it")
      const { damaged, entries } = yield* inJournal(directory, (journal) => journal.list())
      assert.deepStrictEqual([entries, damaged.map(({ path }) => path)], [[], [file]])
      Fs.chownSync(file, us, us)
      Fs.chmodSync(file, 0o666)
      assert.strictEqual((yield* inJournal(directory, (journal) => journal.list())).damaged.length, 1)
    }))

  it.live("lets no plugin be run by recover, nor by an ADD", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const log = `${directory}/log`
      writePlugin(`${directory}/bin`, "a", `echo $CNI_COMMAND >> ${log}; [ $CNI_COMMAND != ADD ] || echo '{}'`)
      const on = <A, E>(program: Effect.Effect<A, E, Cni | CniServices>) =>
        Effect.provide(program, NodeCni.layer({ pluginPaths: [`${directory}/bin`], cacheDir: `${directory}/cache` }))
      const forged = JournalEntry.encode({ ...entry, plugins: [{ type: "a" }] }) + JournalEntry.encodeEvent(failed)
      writeFile(`${directory}/cache/effect-cni/journal/${shardOf("c1")}`, "net-c1-eth0", forged)
      Fs.chmodSync(`${directory}/cache/effect-cni/journal`, 0o777)
      const recovering = yield* Effect.flip(on(Cni.recover))
      assert.strictEqual(recovering.reason, "NotPrivate")
      const adding = yield* Effect.flip(on(Cni.addNetworkList(network(["a"]), c1)))
      assert(adding._tag === "CacheIoError")
      assert.strictEqual(adding.reason, "NotPrivate")
      assert.isFalse(Fs.existsSync(log))
      Fs.chmodSync(`${directory}/cache/effect-cni/journal`, 0o755)
      assert.strictEqual((yield* on(Cni.recover)).recovered.length, 1)
      assert.strictEqual(Fs.readFileSync(log, "utf8"), "DEL\n")
    }))
})

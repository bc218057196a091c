/** What only files and other processes show: locks between them, what they leave when they die, and what is in the way. */
import { assert, describe, it, vi } from "@effect/vitest"
import { AttachmentLock, JournalEntry, Tunables } from "effect-cni"
import { NodeAttachmentLock } from "effect-cni/node"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type Asking, holding, isFree } from "../../contract/AttachmentLock.contract.ts"
import { bundledProgram } from "../../support/bundled.ts"
import { temporaryDirectory, until, writeFile } from "../../support/directory.ts"
import { times } from "../../support/extent.ts"
import { settableClock } from "../../support/settableClock.ts"

const placeOf = (directory: string) => `${directory}/effect-cni/locks`

const allIn = (directory: string) => Fs.existsSync(directory) ? Fs.readdirSync(directory).toSorted() : []

/** Without the file that says that no removed lock is held. */
const namesIn = (directory: string) => allIn(directory).filter((name) => name !== "checked")

/** The lock files, by kind. */
const kindsIn = (directory: string) => namesIn(placeOf(directory)).map((name) => name.replace(/-.*/, ""))

const mode = (file: string) => (Fs.statSync(file).mode & 0o777).toString(8)

const ownerOf = ({ lines }: { readonly lines: () => ReadonlyArray<string> }): JournalEntry.Owner =>
  Schema.decodeUnknownSync(JournalEntry.Owner)(JSON.parse(lines().find((line) => line.startsWith("{")) ?? ""))

// Above the highest that Linux gives out.
const nobodysPid = 2 ** 22 + 1

const descriptors = () => Fs.readdirSync("/proc/self/fd").length

/** Locks of their own in a cache directory, as another runtime in this process would have them. */
const locksIn = (directory: string) =>
  Effect.map(Layer.build(NodeAttachmentLock.layer(directory)), (context) => Context.get(context, AttachmentLock))

const lockHolder = await bundledProgram(Path.join(import.meta.dirname, "../../support/lockHolder.ts"))

/** Another process that wants locks; see there. */
const otherProcess = (
  directory: string,
  wanted: ReadonlyArray<string>,
  { flags = [], limitMs = 60_000 }: { readonly flags?: ReadonlyArray<string>; readonly limitMs?: number } = {}
) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const args = [...flags, lockHolder, directory, `${limitMs}`, ...wanted]
      const child = ChildProcess.spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] })
      let said = ""
      let isOver = false
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => said += chunk)
      child.on("close", () => isOver = true)
      const lines = (): ReadonlyArray<string> => said.split("\n").slice(0, -1)
      return {
        pid: child.pid ?? 0,
        lines,
        says: (line: string) =>
          Effect.map(until(() => lines().includes(line) || isOver), () => assert.include(lines(), line)),
        ends: Effect.suspend(() => {
          child.stdin.end()
          return until(() => isOver)
        }),
        dies: Effect.suspend(() => {
          child.kill("SIGKILL")
          return until(() => isOver)
        })
      }
    }),
    ({ dies }) => dies
  )

/** Another process that holds locks. */
const otherHolds = (directory: string, ...wanted: ReadonlyArray<string>) =>
  Effect.tap(otherProcess(directory, wanted), ({ says }) => says("holding"))

/** Which locks another process can have at once. */
const freeElsewhere = Effect.fnUntraced(function*(directory: string, ...wanted: ReadonlyArray<string>) {
  const { ends, lines } = yield* otherProcess(directory, wanted.map((lock) => `try:${lock}`), { limitMs: 0 })
  yield* ends
  const answers = lines().slice(1, -1)
  assert.strictEqual(answers.length, wanted.length)
  assert.includeMembers(["had", "LockTimeout"], answers)
  return wanted.filter((_, at) => answers[at] === "had")
})

const cleaners = {
  locks: (place: string) => Fs.rmSync(place, { recursive: true }),
  files: (place: string) => allIn(place).forEach((name) => Fs.rmSync(`${place}/${name}`)),
  lease: (place: string) => Fs.globSync(`${place}/lease-*`).forEach((file) => Fs.rmSync(file)),
  replaced: (place: string) =>
    Fs.globSync(`${place}/*`).forEach((file) => {
      Fs.copyFileSync(file, `${place}/copy`)
      Fs.renameSync(`${place}/copy`, file)
    })
}

const bootedMachine = () =>
  Fs.existsSync("/etc/machine-id") ? Fs.readFileSync("/etc/machine-id", "utf8").trim() || undefined : undefined

describe("NodeAttachmentLock", () => {
  describe("another process", () => {
    it.live("is kept from a container that we hold, and we from one that it holds", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const letGo = yield* holding(lock.container("c1"))
        assert.deepStrictEqual(yield* freeElsewhere(directory, "container:c1", "container:c2"), ["container:c2"])
        yield* letGo
        const other = yield* otherHolds(directory, "container:c1")
        assert.isFalse(yield* isFree(lock.container("c1")))
        assert.isTrue(yield* isFree(lock.container("c2")))
        yield* other.ends
        assert.isTrue(yield* isFree(lock.container("c1")))
      }))

    it.live("shares a network with us, and neither of us has it alone meanwhile", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const first = yield* holding(lock.network("net", "shared"))
        const second = yield* holding(lock.network("net", "shared"))
        const other = yield* otherHolds(directory, "network:net:shared")
        assert.isTrue(yield* isFree(lock.network("net", "shared")))
        yield* first
        assert.deepStrictEqual(yield* freeElsewhere(directory, "network:net:exclusive"), [])
        yield* second
        assert.isFalse(yield* isFree(lock.network("net", "exclusive")))
        yield* other.ends
        assert.isTrue(yield* isFree(lock.network("net", "exclusive")))
      }))

    it.live("is alone with a network, and so are we", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const letGo = yield* holding(lock.network("net", "exclusive"))
        const wanted = ["network:net:shared", "network:net2:exclusive"]
        assert.deepStrictEqual(yield* freeElsewhere(directory, ...wanted), ["network:net2:exclusive"])
        yield* letGo
        yield* otherHolds(directory, "network:net:exclusive")
        assert.isFalse(yield* isFree(lock.network("net", "shared")))
        assert.isFalse(yield* isFree(lock.network("net", "exclusive")))
        assert.isTrue(yield* isFree(lock.network("net2", "exclusive")))
      }))

    it.live("gets what it waits for when we let go, and we when it does", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        for (const [asking, wanted] of askings(lock)) {
          const letGo = yield* holding(asking)
          const other = yield* otherProcess(directory, [wanted])
          yield* other.says("asking")
          yield* letGo
          yield* other.says("holding")
          const waiting = yield* Effect.forkChild(holding(asking), { startImmediately: true })
          yield* other.ends
          yield* yield* Fiber.join(waiting)
        }
      }))

    const askings = (lock: AttachmentLock["Service"]): ReadonlyArray<readonly [Asking, string]> => [
      [lock.container("c1"), "container:c1"],
      [lock.network("net", "exclusive"), "network:net:exclusive"],
      [lock.network("net", "shared"), "network:net:exclusive"]
    ]

    it.live("is never in a container with another, however often they change", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const fighters = yield* Effect.all([1, 2, 3].map(() => otherHolds(directory, "fight:c1")))
        const rounds = () => fighters.map(({ lines }) => lines().filter((line) => line === "alone").length)
        const isOver = () => fighters.some(({ lines }) => lines().includes("overlap"))
        yield* until(() => isOver() || rounds().every((round) => round > 100))
        assert.isFalse(isOver())
      }))

    it.live("whose operations share a network in turns without end does not starve a GC of ours", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const other = yield* otherHolds(directory, "churn:net")
        const sharing = () => other.lines().reduce((sum, line) => sum + (line === "+" ? 1 : line === "-" ? -1 : 0), 0)
        yield* until(() => sharing() > 1)
        const letGo = yield* Effect.provideService(
          holding(lock.network("net", "exclusive")),
          Tunables.LockWaitLimit,
          "40 seconds"
        )
        yield* until(() => sharing() === 0)
        const before = other.lines().length
        yield* letGo
        yield* until(() => other.lines().length > before && sharing() > 1)
      }))

    it.live("is named by who has waited for it too long", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const other = yield* otherHolds(directory, "container:c1", "network:net:shared")
        yield* lock.network("net", "shared")
        const refused = (asking: Asking) =>
          Effect.gen(function*() {
            const error = yield* Effect.flip(
              Effect.provideService(Effect.asVoid(holding(asking)), Tunables.LockWaitLimit, "30 millis")
            )
            assert(error._tag === "LockTimeout")
            return error
          })
        const container = yield* refused(lock.container("c1"))
        assert.deepStrictEqual([container.network, container.containerId], ["", "c1"])
        assert.deepStrictEqual(container.holders.map(({ pid }) => pid), [other.pid])
        assert.include(container.message, `for container "c1", which process ${other.pid} (`)
        const network = yield* refused(lock.network("net", "exclusive"))
        assert.deepStrictEqual([network.network, network.containerId], ["net", ""])
        assert.isTrue(network.holders.every(({ command }) => command !== ""))
        assert.sameMembers(network.holders.map(({ pid }) => pid), [other.pid, process.pid])
      }))

    it.live("that is killed lets go of everything at once", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const other = yield* otherHolds(directory, "container:c1", "network:a:shared", "network:b:exclusive", "owner")
        for (const asking of everything(lock)) assert.isFalse(yield* isFree(asking))
        yield* other.dies
        for (const asking of everything(lock)) assert.isTrue(yield* isFree(asking))
      }))

    const everything = (lock: AttachmentLock["Service"]) => [
      lock.container("c1"),
      lock.network("a", "exclusive"),
      lock.network("b", "exclusive")
    ]
  })

  describe("owners", () => {
    it.live("are alive as long as their processes, however those end", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        for (const end of ["ends", "dies"] satisfies ReadonlyArray<"ends" | "dies">) {
          const other = yield* otherHolds(directory, "owner")
          const owner = ownerOf(other)
          assert.strictEqual(owner.pid, other.pid)
          assert.isTrue(yield* lock.isAlive(owner))
          assert.isTrue(yield* lock.isAlive(owner))
          yield* other[end]
          assert.isFalse(yield* lock.isAlive(owner))
          assert.isFalse(yield* lock.isAlive(owner))
        }
        yield* lock.sweep
        assert.deepStrictEqual(kindsIn(directory), [])
      }))

    it.live.each(["locks", "files", "lease", "replaced"] as const)(
      "outlive their leases (%s), and their processes do not",
      (removed) =>
        Effect.gen(function*() {
          const directory = yield* temporaryDirectory
          const lock = yield* locksIn(directory)
          const other = yield* otherHolds(directory, "owner")
          const owner = ownerOf(other)
          cleaners[removed](placeOf(directory))
          assert.isTrue(yield* lock.isAlive(owner))
          // Another owner, and those who look, make the directory anew.
          yield* lock.owner
          yield* lock.sweep
          assert.isTrue(yield* lock.isAlive(owner))
          yield* other.dies
          assert.isFalse(yield* lock.isAlive(owner))
        })
    )

    it.live("touch their leases, so that a cleaner of old files leaves them", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
        yield* Effect.addFinalizer(() => Effect.sync(() => vi.useRealTimers()))
        const owner = yield* (yield* locksIn(directory)).owner
        const [name = ""] = namesIn(placeOf(directory))
        const file = `${placeOf(directory)}/${name}`
        Fs.utimesSync(file, 1, 1)
        vi.advanceTimersByTime(60 * 60 * 1000)
        vi.useRealTimers()
        yield* until(() => Fs.statSync(file).mtimeMs > 1000)
        assert.isTrue(yield* (yield* locksIn(directory)).isAlive(owner))
      }))

    it.live("say on which boot and machine they are, and whose children", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const other = ownerOf(yield* otherHolds(directory, "owner"))
        const { ancestors, boot, machine } = yield* (yield* locksIn(directory)).owner
        assert.strictEqual(boot, Fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim())
        assert.strictEqual(machine, bootedMachine())
        assert.deepStrictEqual([other.boot, other.machine], [boot, machine])
        assert.deepStrictEqual(other.ancestors, [process.pid, ...ancestors ?? []])
        assert.deepStrictEqual([ancestors?.[0], ancestors?.at(-1)], [process.ppid, 1])
      }))

    it.live("are dead to everybody who looks at the same moment", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const other = yield* otherHolds(directory, "owner")
        yield* other.dies
        const looks = Array.from({ length: 20 }, () =>
          Effect.flatMap(locksIn(directory), (one) => one.isAlive(ownerOf(other))))
        assert.deepStrictEqual(new Set(yield* Effect.all(looks, { concurrency: "unbounded" })), new Set([false]))
        assert.isFalse(yield* lock.isAlive(ownerOf(other)))
      }))

    it.live("see each other", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const [left, right] = [yield* locksIn(directory), yield* locksIn(directory)]
        assert.notStrictEqual((yield* left.owner).lease, (yield* right.owner).lease)
        assert.isTrue(yield* left.isAlive(yield* right.owner))
        assert.isTrue(yield* right.isAlive(yield* left.owner))
        // Finding out must not have let go of anything.
        assert.isTrue(yield* left.isAlive(yield* right.owner))
        assert.isTrue(yield* right.isAlive(yield* left.owner))
      }))

    it.live("have the leases open for a moment only that they look at", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const other = yield* otherHolds(directory, "owner")
        const owner = ownerOf(other)
        yield* other.dies
        const before = descriptors()
        assert.isFalse(yield* lock.isAlive(owner))
        assert.strictEqual(descriptors(), before)
      }))

    it.live("are gone with their layer, and leave nothing", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const owner = yield* Effect.scoped(Effect.gen(function*() {
          const closed = yield* (yield* locksIn(directory)).owner
          assert.isTrue(yield* lock.isAlive(closed))
          return closed
        }))
        assert.isFalse(yield* lock.isAlive(owner))
        assert.deepStrictEqual(namesIn(placeOf(directory)), [])
      }))

    it.live("cannot be found outside of the directory", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const victim = writeFile(directory, "effect-cni/victim", "")
        const { ino } = Fs.statSync(victim)
        assert.isFalse(yield* lock.isAlive({ pid: nobodysPid, startTime: "1", lease: `x/../../victim.${ino}` }))
        assert.isTrue(Fs.existsSync(victim))
      }))

    it.live("have their leases from the first moment, even while another process sweeps", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        yield* otherHolds(directory, "sweep")
        const isSeen = Effect.gen(function*() {
          const { lease } = yield* (yield* locksIn(directory)).owner
          return namesIn(placeOf(directory)).includes(`lease-${lease.replace(/\..*/, "")}`)
        })
        for (let at = 0; at < times({ part: 60, whole: 200 }); at++) assert.isTrue(yield* Effect.scoped(isSeen))
      }))
  })

  describe("two runtimes in one process", () => {
    const two = Effect.flatMap(temporaryDirectory, (directory) => Effect.all([locksIn(directory), locksIn(directory)]))

    it.live("exclude each other", () =>
      Effect.gen(function*() {
        const [left, right] = yield* two
        const letGo = [yield* holding(left.container("c1")), yield* holding(left.network("net", "shared"))]
        assert.isFalse(yield* isFree(right.container("c1")))
        assert.isFalse(yield* isFree(right.network("net", "exclusive")))
        // A try must not have let go of what the other holds.
        assert.isFalse(yield* isFree(right.container("c1")))
        assert.isFalse(yield* isFree(right.network("net", "exclusive")))
        assert.isTrue(yield* isFree(right.network("net", "shared")))
        for (const one of letGo) yield* one
        assert.isTrue(yield* isFree(right.container("c1")))
        assert.isTrue(yield* isFree(right.network("net", "exclusive")))
      }))

    it.live("keep newcomers out while one waits to be alone, and only that long", () =>
      Effect.gen(function*() {
        const [left, right] = yield* two
        const letGo = yield* holding(left.network("net", "shared"))
        const alone = yield* Effect.forkChild(holding(right.network("net", "exclusive")), { startImmediately: true })
        assert.isFalse(yield* isFree(left.network("net", "shared")))
        yield* Fiber.interrupt(alone)
        assert.isTrue(yield* isFree(left.network("net", "shared")))
        const tooLong = holding(right.network("net", "exclusive"))
        yield* Effect.flip(Effect.provideService(Effect.asVoid(tooLong), Tunables.LockWaitLimit, "30 millis"))
        assert.isTrue(yield* isFree(left.network("net", "shared")))
        yield* letGo
        assert.isTrue(yield* isFree(left.network("net", "exclusive")))
      }))

    it.live("let newcomers pass after a while, when one still waits to be alone", () =>
      Effect.gen(function*() {
        const [left, right] = yield* two
        const letGo = yield* holding(left.network("net", "shared"))
        const alone = yield* Effect.forkChild(
          Effect.provideService(holding(right.network("net", "exclusive")), Tunables.LockWaitLimit, "1 minute"),
          { startImmediately: true }
        )
        assert.isFalse(yield* isFree(left.network("net", "shared")))
        assert.isFalse(yield* isFree(right.network("net", "shared")))
        const passed = [yield* holding(left.network("net", "shared")), yield* holding(right.network("net", "shared"))]
        assert.isUndefined(alone.pollUnsafe())
        for (const one of [letGo, ...passed]) yield* one
        yield* yield* Fiber.join(alone)
      }))

    it.live.each([1, -1])(
      "wait for each other as long as they are told to, when the clock is set by %i h",
      (hours) =>
        Effect.gen(function*() {
          const [left, right] = yield* two
          const set = yield* settableClock
          const letGo = yield* holding(left.container("c1"))
          const asked = (limit: Duration.Input) =>
            holding(right.container("c1")).pipe(
              Effect.provideService(Tunables.LockWaitLimit, limit),
              Effect.provideService(Clock.Clock, set.clock),
              Effect.forkChild({ startImmediately: true })
            )
          const [soon, late] = [yield* asked("100 millis"), yield* asked("1 minute")]
          set.by(hours * 60 * 60 * 1000)
          const error = yield* Effect.flip(Effect.asVoid(Fiber.join(soon)))
          assert(error._tag === "LockTimeout")
          assert.isAtLeast(error.waitedMs, 100)
          assert.isBelow(error.waitedMs, 60_000)
          yield* letGo
          yield* yield* Fiber.join(late)
        })
    )

    it.live("give each other what they waited for, once nobody is before them", () =>
      Effect.gen(function*() {
        const [left, right] = yield* two
        const letGo = yield* holding(left.network("net", "exclusive"))
        const waiting = yield* Effect.forEach(
          [right.network("net", "shared"), right.network("net", "shared"), right.network("net", "exclusive")],
          (asking) => Effect.forkChild(holding(asking), { startImmediately: true })
        )
        yield* letGo
        for (const fiber of waiting) yield* yield* Fiber.join(fiber)
        assert.isTrue(yield* isFree(left.network("net", "exclusive")))
      }))

    it.live("exclude each other also where one has swept and made anew what the other has used", () =>
      Effect.gen(function*() {
        const [left, right] = yield* two
        assert.isTrue(yield* isFree(left.network("net", "exclusive")))
        yield* right.sweep
        const letGo = yield* holding(right.network("net", "exclusive"))
        assert.isFalse(yield* isFree(left.network("net", "shared")))
        yield* letGo
        assert.isTrue(yield* isFree(left.network("net", "shared")))
      }))

    it.live.each(["locks", "files"] as const)(
      "exclude each other also after a cleaner has removed the %s",
      (removed) =>
        Effect.gen(function*() {
          const directory = yield* temporaryDirectory
          const [left, right] = yield* Effect.all([locksIn(directory), locksIn(directory)])
          const other = yield* otherHolds(directory, "container:c2", "network:c:exclusive")
          const letGo = [
            yield* holding(left.container("c1")),
            yield* holding(left.network("a", "shared")),
            yield* holding(left.network("b", "exclusive"))
          ]
          cleaners[removed](placeOf(directory))
          const taken = [
            right.container("c1"),
            right.network("a", "exclusive"),
            right.network("b", "shared"),
            right.container("c2"),
            right.network("c", "shared")
          ]
          // Also once others have used what was made anew.
          for (const free of [right.container("c3"), right.network("d", "shared")]) assert.isTrue(yield* isFree(free))
          for (const asking of taken) assert.isFalse(yield* isFree(asking))
          for (const asking of taken) assert.isFalse(yield* isFree(asking))
          for (const one of letGo) yield* one
          yield* other.dies
          for (const asking of taken) assert.isTrue(yield* isFree(asking))
        })
    )

    it.live("leave no descriptor behind with every use", () =>
      Effect.gen(function*() {
        const [left, right] = yield* two
        for (const lock of [left, right]) {
          assert.isTrue(yield* isFree(lock.network("net", "shared")))
          assert.isTrue(yield* isFree(lock.container("c1")))
        }
        const before = descriptors()
        const letGo = [yield* holding(left.container("c1")), yield* holding(left.network("net", "shared"))]
        for (let at = 0; at < 100; at++) {
          assert.isFalse(yield* isFree(right.container("c1")))
          assert.isFalse(yield* isFree(right.network("net", "exclusive")))
          assert.isTrue(yield* isFree(right.network("net", "shared")))
        }
        assert.isAtMost(descriptors(), before + 20)
        for (const one of letGo) yield* one
        assert.strictEqual(descriptors(), before)
      }))
  })

  describe("its files", () => {
    it.live("are for their owner only, and those of a container and of an owner go with them", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        yield* Effect.scoped(Effect.gen(function*() {
          const lock = yield* locksIn(directory)
          yield* lock.network("net", "shared")
          yield* lock.container("c1")
          yield* lock.owner
          const names = namesIn(placeOf(directory))
          assert.includeMembers(kindsIn(directory), ["container", "gate", "lease", "network"])
          assert.deepStrictEqual(names.map((name) => mode(`${placeOf(directory)}/${name}`)), names.map(() => "600"))
          assert.deepStrictEqual([`${directory}/effect-cni`, placeOf(directory)].map(mode), ["700", "700"])
        }))
        assert.deepStrictEqual(kindsIn(directory), ["gate", "network"])
        const lock = yield* locksIn(directory)
        const letGo = yield* holding(lock.container("c1"))
        const other = yield* otherProcess(directory, ["container:c1"])
        yield* other.says("asking")
        yield* letGo
        yield* other.says("holding")
        yield* other.ends
        assert.deepStrictEqual(kindsIn(directory), ["gate", "network"])
      }))

    it.live("stay in their directory, whatever the names", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const names = ["../../x", "/etc/passwd", "a/b", "..", "", "\0", "x".repeat(10_000), "\u{1F600}"]
        for (const name of names) {
          yield* lock.network(name, "exclusive")
          yield* lock.container(name)
          assert.isFalse(yield* isFree(lock.network(name, "shared")))
          assert.isFalse(yield* isFree(lock.container(name)))
        }
        assert.deepStrictEqual(namesIn(directory), ["effect-cni"])
        assert.deepStrictEqual(namesIn(`${directory}/effect-cni`), ["locks"])
        const containers = kindsIn(directory).filter((kind) => kind === "container")
        assert.isAtLeast(containers.length, names.length)
      }))

    it.live("are swept when nobody holds them", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        yield* lock.sweep
        assert.isTrue(yield* isFree(lock.network("left", "shared")))
        yield* lock.network("shared", "shared")
        assert.deepStrictEqual(kindsIn(directory), ["gate", "gate", "network", "network"])
        yield* lock.sweep
        assert.deepStrictEqual(kindsIn(directory), ["network"])
        assert.isFalse(yield* isFree(lock.network("shared", "exclusive")))
      }))

    it.live("are let go of when they cannot be removed", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const letGo = yield* holding(lock.container("c1"))
        const name = namesIn(placeOf(directory)).find((one) => one.startsWith("container-")) ?? ""
        const file = `${placeOf(directory)}/${name}`
        Fs.rmSync(file)
        Fs.mkdirSync(file)
        yield* letGo
        Fs.rmdirSync(file)
        assert.isTrue(yield* isFree(lock.container("c1")))
      }))

    it.live("are not made where a link leads", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const letGo = yield* holding(lock.container("c1"))
        const name = namesIn(placeOf(directory)).find((one) => one.startsWith("container-")) ?? ""
        yield* letGo
        Fs.symlinkSync(`${directory}/elsewhere`, `${placeOf(directory)}/${name}`)
        assert.isFalse(
          yield* Effect.isSuccess(Effect.provideService(
            Effect.scoped(lock.container("c1")),
            Tunables.LockWaitLimit,
            "30 millis"
          ))
        )
        assert.isFalse(Fs.existsSync(`${directory}/elsewhere`))
      }))

    it.live("are not what else is in the directory, and a sweep leaves that", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        writeFile(placeOf(directory), "README", "nothing to lock here")
        writeFile(placeOf(directory), "empty", "")
        writeFile(placeOf(directory), "more/README", "nothing to lock here")
        assert.isTrue(yield* isFree(lock.network("net", "shared")))
        yield* lock.sweep
        assert.deepStrictEqual(namesIn(placeOf(directory)), ["README", "empty", "more"])
      }))

    it.live("are swept when who held them was killed, and stay while somebody holds them", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        const locks = ["container:c1", "network:a:shared", "network:b:exclusive", "owner"]
        const other = yield* otherHolds(directory, ...locks)
        const owner = yield* lock.owner
        yield* lock.container("c2")
        yield* lock.sweep
        assert.deepStrictEqual(kindsIn(directory), ["container", "container", "lease", "lease", "network", "network"])
        for (const containerId of ["c1", "c2"]) assert.isFalse(yield* isFree(lock.container(containerId)))
        for (const network of ["a", "b"]) assert.isFalse(yield* isFree(lock.network(network, "exclusive")))
        assert.isTrue(yield* lock.isAlive(ownerOf(other)))
        yield* other.dies
        yield* lock.sweep
        assert.deepStrictEqual(kindsIn(directory), ["container", "lease"])
        assert.isTrue(yield* lock.isAlive(owner))
        assert.isFalse(yield* isFree(lock.container("c2")))
      }))

    it.live("have nothing in them, and none beside them", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        yield* lock.container("c1")
        yield* lock.owner
        assert.deepStrictEqual(kindsIn(directory), ["container", "lease"])
        const sizes = namesIn(placeOf(directory)).map((name) => Fs.statSync(`${placeOf(directory)}/${name}`).size)
        assert.deepStrictEqual(sizes, [0, 0])
      }))
  })

  describe("refusals", () => {
    it.live.each(["effect-cni", "effect-cni/locks"])("says when %s is a file", (name) =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const lock = yield* locksIn(directory)
        writeFile(directory, name, "not a directory")
        for (const asking of [lock.network("net", "shared"), lock.network("net", "exclusive"), lock.container("c1")]) {
          const error = yield* Effect.flip(Effect.scoped(asking))
          assert(error._tag === "CacheIoError")
          assert.strictEqual(error.operation, "lock")
          assert.isTrue(error.path.startsWith(placeOf(directory)))
        }
        assert.strictEqual((yield* Effect.flip(lock.owner)).operation, "lock")
      }))
  })

  describe("without SQLite", () => {
    it.live("go on without other processes, and say so", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const other = yield* otherProcess(directory, ["container:c1", "network:net:exclusive", "owner"], {
          flags: ["--no-experimental-sqlite"]
        })
        yield* other.says("holding")
        assert.match(other.lines().join("\n"), /WARN.*no node:sqlite.*other processes/s)
        assert.deepStrictEqual(namesIn(directory), [])
      }))
  })
})

/** Real processes that outlived the runtime that started them: which are found, and how they are dealt with. */
import { assert, describe, it } from "@effect/vitest"
import { type JournalEntry, OrphanPlugins, Tunables } from "effect-cni"
import { NodeOrphanPlugins } from "effect-cni/node"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { load } from "../../../src/layers/process/koffi.ts"
import { ancestorsOf, statOf } from "../../../src/layers/process/processIdentity.ts"
import { entry } from "../../contract/AttachmentJournal.contract.ts"
import { contentOf, isAlive, temporaryDirectory, until, writeFile, writePlugin } from "../../support/directory.ts"
import * as SteppingClock from "../../support/steppingClock.ts"

const startTimeOf = (pid: number) => statOf(pid)?.startTime ?? ""

/** A directory, and an attachment that nobody else has: no other test's processes are its plugins. */
const attachment = Effect.map(temporaryDirectory, (directory) => {
  const containerId = directory.replace(/^.*-/, "c")
  const attached: JournalEntry.JournalEntry = {
    ...entry,
    containerId,
    plugins: [{ type: "a", ipam: { type: "ipam" } }, { type: "b", ipam: {} }]
  }
  return { directory, attached, variables: variablesOf(attached) }
})

const variablesOf = ({ containerId, ifName, operation }: JournalEntry.JournalEntry) => ({
  PATH: process.env["PATH"] ?? "",
  CNI_COMMAND: "ADD",
  CNI_CONTAINERID: containerId,
  CNI_IFNAME: ifName,
  CNI_NETNS: operation.netns,
  CNI_PATH: operation.searchPath
})

/** An operation of an owner on an attachment. */
const by = (owner: JournalEntry.Owner, attached: JournalEntry.JournalEntry): JournalEntry.JournalEntry => ({
  ...attached,
  owner,
  operation: { ...attached.operation, owner }
})

const lease = "11111111-1111-1111-1111-111111111111"

interface Started {
  readonly env: Readonly<Record<string, string>>
  readonly args?: ReadonlyArray<string>
  readonly uid?: number
}

/** A runtime that has started a program, in a process group of its own, as it starts a plugin. */
const runtime = Effect.fnUntraced(
  function*(path: string, { args = [], env, uid }: Started) {
    const starting = `setsid "$@" < /dev/null > /dev/null 2>&1 & echo $!; read line`
    const shell = ChildProcess.spawn("sh", ["-c", starting, "sh", path, ...args], { env, uid })
    const pid = yield* Effect.acquireRelease(
      Effect.callback<number>((resume) =>
        void shell.stdout.once("data", (chunk) => resume(Effect.succeed(Number(chunk))))
      ),
      (pid) => Effect.sync(() => [shell.pid ?? 0, -pid, pid].forEach(kill))
    )
    yield* until(() => statOf(pid)?.group === pid && Fs.readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(path))
    const own = shell.pid ?? 0
    const owner: JournalEntry.Owner = {
      pid: own,
      startTime: startTimeOf(own),
      lease: `${lease}.42`,
      ancestors: ancestorsOf(own)
    }
    const die = Effect.andThen(
      Effect.sync(() => kill(own)),
      until(() => shell.signalCode !== null)
    )
    return { pid, owner, die }
  }
)

/** Starts a program as a runtime does that is dead by now. */
const start = Effect.fnUntraced(function*(path: string, started: Started) {
  const { die, owner, pid } = yield* runtime(path, started)
  yield* die
  return { owner, pid }
})

const kill = (pid: number) => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It is gone.
  }
}

const awaitOrKill = (entry: JournalEntry.JournalEntry) =>
  Effect.provide(OrphanPlugins.use((plugins) => plugins.awaitOrKill(entry)), NodeOrphanPlugins.layer)

/** Waits for nobody, and gives some time to end. */
const killNow = (entry: JournalEntry.JournalEntry, grace: Duration.Input = "1 second") =>
  awaitOrKill(entry).pipe(
    Effect.provideService(Tunables.OrphanWaitLimit, 0),
    Effect.provideService(Tunables.KillGrace, grace)
  )

const recorded = (pid: number, startTime: string, path = "/bin/a"): JournalEntry.StartedPlugin => ({
  pid,
  startTime,
  command: "ADD",
  path
})

/** Ends a while after it is told to by a file `go`, and says so in a file `done`. */
const patient = (directory: string) =>
  `while [ ! -e ${directory}/go ]; do sleep 0.01; done; sleep 0.1; echo yes > ${directory}/done`

/** As a process that was forked: it has the lease open until it is told to become a plugin, and ignores SIGTERM. */
const forked = (directory: string, env: Started["env"], plugin: string): [path: string, started: Started] => {
  const file = writeFile(directory, `lease-${lease}`, "")
  const body =
    `trap '' TERM; exec 9< ${file}; while [ ! -e ${directory}/exec ]; do sleep 0.01; done; exec 9<&- ${plugin}`
  return [writePlugin(directory, "forked", body), { env }]
}

/** Makes this process the one that the kernel gives orphans to. */
const subreaper = Effect.acquireRelease(
  Effect.promise(async () => {
    const koffi = await load()
    const prctl: (option: number, isOn: number) => number = koffi.load(null).func("int prctl(int, unsigned long)")
    assert.strictEqual(prctl(36, 1), 0)
    return prctl
  }),
  (prctl) => Effect.sync(() => prctl(36, 0))
)

const endless = "while :; do sleep 0.05; done"

describe("NodeOrphanPlugins: waits", () => {
  const isWaitedFor = (
    name: string,
    running: (pid: number, path: string) => JournalEntry.StartedPlugin | undefined = () => undefined
  ) =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, name, patient(directory))
      const { owner, pid } = yield* start(path, { env: variables })
      const waiting = yield* Effect.forkChild(awaitOrKill({ ...by(owner, attached), running: running(pid, path) }), {
        startImmediately: true
      })
      writeFile(directory, "go", "")
      yield* Fiber.join(waiting)
      assert.isTrue(Fs.existsSync(`${directory}/done`))
      assert.isFalse(isAlive(pid))
    })

  it.live("for a plugin that was recorded, whatever it is called", () =>
    isWaitedFor("renamed", (pid, path) => recorded(pid, startTimeOf(pid), path)))

  it.live("for a plugin whose time of start could not be recorded", () =>
    isWaitedFor("renamed", (pid, path) => recorded(pid, "", path)))

  it.live.each(["a", "b"])(
    "for the plugin %s of the chain, which nobody had the time to record",
    (name) => isWaitedFor(name)
  )

  it.live("for the plugin that one delegates addresses to", () => isWaitedFor("ipam"))

  it.live("for a plugin whose parent lives, and has lost its own", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const ipam = writePlugin(directory, "ipam", `echo up > ${directory}/ready; ${patient(directory)}`)
      const { owner } = yield* start(writePlugin(directory, "launcher", `${ipam} & wait`), { env: variables })
      yield* contentOf(`${directory}/ready`)
      yield* seesTheEnd(directory, by(owner, attached))
    }))

  it.live("for one that is not the one that was recorded", () => isWaitedFor("b", () => recorded(2 ** 22, "1")))

  /** Waits for a plugin a while after it was let go on. */
  const seesTheEnd = Effect.fnUntraced(function*(directory: string, entry: JournalEntry.JournalEntry) {
    const waiting = yield* Effect.forkChild(awaitOrKill(entry), { startImmediately: true })
    writeFile(directory, "go", "")
    yield* Fiber.join(waiting)
    assert.isTrue(Fs.existsSync(`${directory}/done`))
  })

  it.live("for a plugin that is without a namespace, as an undo may be", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, "a", patient(directory))
      const { owner } = yield* start(path, { env: { ...variables, CNI_NETNS: "" } })
      yield* seesTheEnd(directory, by(owner, attached))
    }))

  it.live("for a plugin of an operation that has not written down its search path", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const { owner } = yield* start(writePlugin(directory, "a", patient(directory)), { env: variables })
      yield* seesTheEnd(directory, { ...attached, operation: { ...attached.operation, owner, searchPath: "" } })
    }))

  it.live("for a plugin whose variables are not ASCII", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const operation = { netns: "/run/netns/ü", searchPath: "/opt/café" }
      const env = { ...variables, CNI_NETNS: operation.netns, CNI_PATH: operation.searchPath }
      const { owner } = yield* start(writePlugin(directory, "a", patient(directory)), { env })
      yield* seesTheEnd(directory, { ...attached, operation: { ...operation, owner } })
    }))

  it.live("for a plugin that a GC of a network has started", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const env = { ...variables, CNI_CONTAINERID: "", CNI_IFNAME: "", CNI_NETNS: "", CNI_PATH: directory }
      const operation = { netns: "", searchPath: directory }
      const { owner } = yield* start(writePlugin(directory, "a", patient(directory)), { env })
      yield* seesTheEnd(directory, { ...attached, containerId: "", ifName: "", operation: { ...operation, owner } })
    }))

  it.live("for an orphan that the kernel has given to an ancestor of its runtime", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      yield* subreaper
      const { owner, pid } = yield* start(writePlugin(directory, "a", patient(directory)), { env: variables })
      assert.strictEqual(statOf(pid)?.parent, process.pid)
      yield* seesTheEnd(directory, by(owner, attached))
    }))

  it.live.each(["", "removed"])(
    "for a process that was forked, and then for the plugin that it becomes %s",
    (isRemoved) =>
      Effect.gen(function*() {
        const { attached, directory, variables } = yield* attachment
        const plugin = writePlugin(directory, "a", patient(directory))
        const { owner, pid } = yield* start(...forked(directory, variables, plugin))
        if (isRemoved) Fs.rmSync(`${directory}/lease-${lease}`)
        const waiting = yield* Effect.forkChild(awaitOrKill(by(owner, attached)), { startImmediately: true })
        writeFile(directory, "exec", "")
        writeFile(directory, "go", "")
        yield* Fiber.join(waiting)
        assert.isTrue(Fs.existsSync(`${directory}/done`))
        assert.isFalse(isAlive(pid))
      })
  )

  it.live("for a process that was forked only until it becomes the plugin of another container", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const other = { ...variables, CNI_CONTAINERID: "other" }
      const plugin = writePlugin(directory, "a", endless)
      const { owner, pid } = yield* start(...forked(directory, other, plugin))
      const waiting = yield* Effect.forkChild(awaitOrKill(by(owner, attached)), { startImmediately: true })
      writeFile(directory, "exec", "")
      yield* Fiber.join(waiting)
      assert.isTrue(isAlive(pid))
    }))

  // A kernel that can be told where the arguments of a process are has this file.
  it.live(
    "for a process whose program is being loaded, which it does not end",
    ({ skip }) =>
      Effect.gen(function*() {
        if (!Fs.existsSync("/proc/sys/kernel/ns_last_pid")) {
          return skip("this takes a kernel with CONFIG_CHECKPOINT_RESTORE")
        }
        const { attached, directory, variables } = yield* attachment
        const args = [Path.join(import.meta.dirname, "../../support/loading.ts"), `${directory}/go`]
        const { owner, pid } = yield* start(process.execPath, { env: variables, args })
        yield* until(() => isAlive(pid) && Fs.readFileSync(`/proc/${pid}/environ`, "latin1") === "")
        yield* awaitOrKill(by(owner, attached)).pipe(
          Effect.provideService(Tunables.OrphanWaitLimit, 0),
          Effect.provideService(Tunables.KillGrace, 0)
        )
        assert.isTrue(isAlive(pid))
        const waiting = yield* Effect.forkChild(awaitOrKill(by(owner, attached)), { startImmediately: true })
        writeFile(directory, "go", "")
        yield* Fiber.join(waiting)
        assert.isFalse(isAlive(pid))
      })
  )

  it.live("as long as it should, when somebody sets the clock", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const { owner } = yield* start(writePlugin(directory, "a", patient(directory)), { env: variables })
      yield* Effect.provide(seesTheEnd(directory, by(owner, attached)), SteppingClock.layer)
    }))

  it.live("for what a plugin has started meanwhile", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const ipam = writePlugin(directory, "ipam", `sleep 0.2; echo yes > ${directory}/done`)
      const first = `while [ ! -e ${directory}/go ]; do sleep 0.01; done; ${ipam} &`
      const { owner } = yield* start(writePlugin(directory, "a", first), { env: variables })
      const waiting = yield* Effect.forkChild(awaitOrKill(by(owner, attached)), { startImmediately: true })
      writeFile(directory, "go", "")
      yield* Fiber.join(waiting)
      assert.isTrue(Fs.existsSync(`${directory}/done`))
    }))

  it.live("for nobody where nobody is", () =>
    Effect.gen(function*() {
      const { attached } = yield* attachment
      yield* awaitOrKill(attached)
      const { pid } = ChildProcess.spawnSync("true")
      yield* awaitOrKill({ ...attached, running: recorded(pid, "1") })
    }))
})

describe("NodeOrphanPlugins: never touches", () => {
  type Variables = ReturnType<typeof variablesOf>

  it.live.each<readonly [string, string, (variables: Variables) => Readonly<Record<string, string>>]>([
    ["a plugin of another container", "a", (variables) => ({ ...variables, CNI_CONTAINERID: "other" })],
    ["a plugin of a container whose ID goes on", "a", (variables) => ({
      ...variables,
      CNI_CONTAINERID: `${variables.CNI_CONTAINERID}1`
    })],
    ["a plugin of another interface", "a", (variables) => ({ ...variables, CNI_IFNAME: "eth1" })],
    ["a plugin in another namespace", "a", (variables) => ({ ...variables, CNI_NETNS: "/run/netns/c10" })],
    ["a plugin with another search path", "a", (variables) => ({ ...variables, CNI_PATH: "/opt/cni/bin:/bin" })],
    ["a plugin without variables", "a", ({ PATH }) => ({ PATH })],
    ["a daemon that a plugin has left", "daemon", (variables) => variables]
  ])("%s", ([, name, change]) =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, name, `echo up > ${directory}/ready; ${endless}`)
      const { owner, pid } = yield* start(path, { env: change(variables) })
      yield* contentOf(`${directory}/ready`)
      yield* killNow(by(owner, attached))
      assert.isTrue(isAlive(pid))
    }))

  it.live("a daemon that is told the name of a plugin", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, "daemon", `echo up > ${directory}/ready; ${endless}`)
      const { owner, pid } = yield* start(path, { env: variables, args: ["a"] })
      yield* contentOf(`${directory}/ready`)
      yield* killNow(by(owner, attached))
      assert.isTrue(isAlive(pid))
    }))

  it.live("a process that has the pid of a plugin now", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, "daemon", endless)
      const { owner, pid: later } = yield* start(path, { env: variables })
      const ours = by(owner, attached)
      yield* killNow({ ...ours, running: recorded(later, `${Number(startTimeOf(later)) - 1}`) })
      const { pid: stranger } = yield* start(path, { env: { PATH: variables.PATH } })
      yield* killNow({ ...ours, running: recorded(stranger, startTimeOf(stranger)) })
      yield* killNow({ ...ours, running: recorded(stranger, "") })
      assert.deepStrictEqual([later, stranger].map(isAlive), [true, true])
    }))

  it.live("a stranger in the group that a plugin was started in", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const ipam = writePlugin(directory, "ipam", `echo $$ > ${directory}/delegate; ${endless}`)
      const launched = `env -i sleep 1000 & echo $! > ${directory}/stranger; ${ipam} & wait`
      const { owner, pid: launcher } = yield* start(writePlugin(directory, "launcher", launched), { env: variables })
      const stranger = Number(yield* contentOf(`${directory}/stranger`))
      yield* until(() => Fs.readFileSync(`/proc/${stranger}/cmdline`, "utf8").startsWith("sleep"))
      const delegate = Number(yield* contentOf(`${directory}/delegate`))
      process.kill(launcher, "SIGKILL")
      yield* until(() => !isAlive(launcher))
      yield* killNow(by(owner, attached))
      assert.deepStrictEqual([stranger, delegate].map(isAlive), [true, false])
    }))

  it.live("a plugin of a runtime that lives, nor the one that it delegates addresses to", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const ipam = writePlugin(directory, "ipam", `echo $$ > ${directory}/delegate; ${endless}`)
      const { owner, pid } = yield* runtime(writePlugin(directory, "a", `${ipam} & wait`), { env: variables })
      const delegate = Number(yield* contentOf(`${directory}/delegate`))
      yield* killNow(by(owner, attached))
      yield* killNow(by({ ...owner, pid: 2 ** 22 }, attached))
      assert.deepStrictEqual([pid, delegate].map(isAlive), [true, true])
      kill(pid)
      yield* until(() => statOf(delegate)?.parent !== pid)
      yield* killNow(by({ ...owner, pid: 2 ** 22 }, attached))
      assert.isTrue(isAlive(delegate))
    }))

  it.live.each<readonly [string, (entry: JournalEntry.JournalEntry) => JournalEntry.JournalEntry]>([
    ["an orphan that is older than the runtime", (entry) => {
      const { owner } = entry.operation
      return by({ ...owner, startTime: `${Number(owner.startTime) + 1_000_000}` }, entry)
    }],
    ["an orphan that is as another boot's plugin was", (entry) => {
      return by({ ...entry.operation.owner, boot: "another" }, entry)
    }],
    ["an orphan of an operation that has ended without success", (entry) => ({ ...entry, state: "failed" })]
  ])("%s", ([, change]) =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const { owner, pid } = yield* start(writePlugin(directory, "a", endless), { env: variables })
      yield* killNow(change(by(owner, attached)))
      assert.isTrue(isAlive(pid))
    }))

  it.live("an orphan that an ancestor was given which the owner does not name", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      yield* subreaper
      const { owner, pid } = yield* start(writePlugin(directory, "a", endless), { env: variables })
      const { ancestors: _, ...unnamed } = owner
      yield* killNow(by(unnamed, attached))
      yield* killNow(by({ ...owner, startTime: "1" }, attached))
      assert.isTrue(isAlive(pid))
    }))

  it.live(
    "a process of another user, found or recorded",
    ({ skip }) =>
      Effect.gen(function*() {
        if (process.getuid?.() !== 0) return skip("this takes root")
        const { attached, directory, variables } = yield* attachment
        Fs.chmodSync(directory, 0o755)
        const path = writePlugin(directory, "a", endless)
        const { owner, pid } = yield* start(path, { env: variables, uid: 65534 })
        yield* killNow({ ...by(owner, attached), running: recorded(pid, startTimeOf(pid), path) })
        assert.isTrue(isAlive(pid))
      })
  )

  it.live("a runtime that lives, and looks at the lease", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const file = writeFile(directory, `lease-${lease}`, "")
      const looking =
        `fs.openSync("${file}"); fs.writeFileSync("${directory}/ready", "yes"); setInterval(() => {}, 1000)`
      const { owner, pid } = yield* start(process.execPath, { env: variables, args: ["-e", looking] })
      yield* contentOf(`${directory}/ready`)
      yield* killNow(by(owner, attached))
      assert.isTrue(isAlive(pid))
    }))

  it.live("this process", () =>
    Effect.gen(function*() {
      const { attached } = yield* attachment
      yield* killNow({ ...attached, running: recorded(process.pid, startTimeOf(process.pid)) })
    }))
})

describe("NodeOrphanPlugins: ends", () => {
  it.live("a plugin that is not done in time, and gives it time to clean up", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(
        directory,
        "a",
        `trap 'sleep 0.2; echo cleaned > ${directory}/trap; exit 1' TERM; echo up > ${directory}/ready; ${endless}`
      )
      const { owner, pid } = yield* start(path, { env: variables })
      yield* contentOf(`${directory}/ready`)
      const said: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => void said.push(`${logLevel} ${String(message)}`))
      yield* awaitOrKill(by(owner, attached)).pipe(
        Effect.provideService(Tunables.OrphanWaitLimit, "50 millis"),
        Effect.provide(Logger.layer([logger]))
      )
      assert.isFalse(isAlive(pid))
      assert.deepStrictEqual(said, [
        `Warn ending plugins of container "${attached.containerId}" (pid ${pid}) that outlived their runtime`
      ])
      assert.strictEqual(Fs.readFileSync(`${directory}/trap`, "utf8"), "cleaned\n")
    }))

  it.live.each(["recorded", "found"])("one that was %s and ignores SIGTERM", (how) =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const name = how === "found" ? "a" : "renamed"
      const path = writePlugin(directory, name, `trap '' TERM; echo up > ${directory}/ready; ${endless}`)
      const { owner, pid } = yield* start(path, { env: variables })
      yield* contentOf(`${directory}/ready`)
      const running = how === "found" ? undefined : recorded(pid, startTimeOf(pid), path)
      yield* killNow({ ...by(owner, attached), running }, "300 millis")
      assert.isFalse(isAlive(pid))
    }))

  it.live("a process that was forked and does not become a plugin in time", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const { owner, pid } = yield* start(...forked(directory, variables, writePlugin(directory, "a", endless)))
      yield* killNow(by(owner, attached))
      assert.isFalse(isAlive(pid))
    }))

  it.live("a plugin with all that it has started", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, "a", `sleep 1000 & echo $! > ${directory}/child; wait`)
      const { owner, pid } = yield* start(path, { env: variables })
      const child = Number(yield* contentOf(`${directory}/child`))
      yield* killNow(by(owner, attached))
      assert.isFalse(isAlive(pid))
      yield* until(() => !isAlive(child))
    }))

  it.live("a plugin that lives on in the group of the one that started it", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const ipam = writePlugin(directory, "ipam", `echo $$ > ${directory}/delegate; ${endless}`)
      const { owner, pid: parent } = yield* start(writePlugin(directory, "a", `${ipam} & wait`), { env: variables })
      const delegate = Number(yield* contentOf(`${directory}/delegate`))
      process.kill(parent, "SIGKILL")
      yield* until(() => !isAlive(parent))
      yield* killNow(by(owner, attached))
      assert.isFalse(isAlive(delegate))
    }))
})

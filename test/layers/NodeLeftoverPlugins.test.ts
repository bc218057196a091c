/** Real processes that outlived the runtime that started them: which are found, and how they are dealt with. */
import { assert, describe, it } from "@effect/vitest"
import { type JournalEntry, LeftoverPlugins, Tunables } from "effect-cni"
import { NodeLeftoverPlugins } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { entry } from "../contract/AttachmentJournal.contract.ts"
import { contentOf, isAlive, temporaryDirectory, until, writeFile, writePlugin } from "../support/directory.ts"

const startTimeOf = (pid: number) =>
  Fs.readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /s, "").split(" ")[19] ?? ""

/** A directory, and an attachment that nobody else has: no other test's processes are its plugins. */
const attachment = Effect.map(temporaryDirectory, (directory) => {
  const attached: JournalEntry.JournalEntry = {
    ...entry,
    containerId: directory.replace(/^.*-/, "c"),
    owner: { pid: process.pid, startTime: startTimeOf(process.pid), lease: "l" },
    plugins: [{ type: "a", ipam: { type: "ipam" } }, { type: "b", ipam: {} }]
  }
  return { directory, attached, variables: variablesOf(attached) }
})

const variablesOf = ({ containerId, ifName }: JournalEntry.JournalEntry) => ({
  PATH: process.env["PATH"] ?? "",
  CNI_COMMAND: "ADD",
  CNI_CONTAINERID: containerId,
  CNI_IFNAME: ifName
})

/** Starts a program in a process group of its own, as a runtime starts a plugin; gives its pid. */
const start = (path: string, env: Readonly<Record<string, string>>, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => ChildProcess.spawn(path, args, { env, detached: true, stdio: "ignore" }).pid ?? 0),
    (pid) => Effect.sync(() => killGroup(pid))
  )

const killGroup = (pid: number) => {
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It is gone.
  }
}

const settle = (settled: JournalEntry.JournalEntry) =>
  Effect.provide(LeftoverPlugins.use((plugins) => plugins.settle(settled)), NodeLeftoverPlugins.layer)

/** Waits for nobody, and gives a second to end. */
const settleNow = (settled: JournalEntry.JournalEntry) =>
  settle(settled).pipe(
    Effect.provideService(Tunables.OrphanWaitLimit, 0),
    Effect.provideService(Tunables.KillGrace, "1 second")
  )

const recorded = (pid: number, startTime: string, path = "/bin/a"): JournalEntry.StartedPlugin => ({
  pid,
  startTime,
  command: "ADD",
  path
})

/** Ends a while after it is told to by a file `go`, and says so in a file `done`. */
const patient = (directory: string) =>
  `while [ ! -e ${directory}/go ]; do sleep 0.01; done; sleep 0.2; echo yes > ${directory}/done`

const endless = "while :; do sleep 0.05; done"

describe("NodeLeftoverPlugins: waits", () => {
  const isWaitedFor = (
    name: string,
    running: (pid: number, path: string) => JournalEntry.StartedPlugin | undefined = () => undefined
  ) =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, name, patient(directory))
      const pid = yield* start(path, variables)
      const settling = yield* Effect.forkChild(settle({ ...attached, running: running(pid, path) }), {
        startImmediately: true
      })
      writeFile(directory, "go", "")
      yield* Fiber.join(settling)
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

  it.live("for one that is not the one that was recorded", () => isWaitedFor("b", () => recorded(2 ** 22, "1")))

  it.live("for what a plugin has started meanwhile", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const ipam = writePlugin(directory, "ipam", `sleep 0.2; echo yes > ${directory}/done`)
      const first = `while [ ! -e ${directory}/go ]; do sleep 0.01; done; ${ipam} &`
      yield* start(writePlugin(directory, "a", first), variables)
      const settling = yield* Effect.forkChild(settle(attached), { startImmediately: true })
      writeFile(directory, "go", "")
      yield* Fiber.join(settling)
      assert.isTrue(Fs.existsSync(`${directory}/done`))
    }))

  it.live("for nobody where nobody is", () =>
    Effect.gen(function*() {
      const { attached } = yield* attachment
      yield* settle(attached)
      yield* settle({ ...attached, state: "failed" })
      yield* settle({ ...attached, owner: { ...attached.owner, startTime: "1" } })
      const { pid } = ChildProcess.spawnSync("true")
      yield* settle({ ...attached, running: recorded(pid, "1") })
    }))
})

describe("NodeLeftoverPlugins: never touches", () => {
  type Variables = ReturnType<typeof variablesOf>

  it.live.each<readonly [string, string, (variables: Variables) => Readonly<Record<string, string>>]>([
    ["a plugin of another container", "a", (variables) => ({ ...variables, CNI_CONTAINERID: "other" })],
    ["a plugin of a container whose ID goes on", "a", (variables) => ({
      ...variables,
      CNI_CONTAINERID: `${variables.CNI_CONTAINERID}1`
    })],
    ["a plugin of another interface", "a", (variables) => ({ ...variables, CNI_IFNAME: "eth1" })],
    ["a plugin without variables", "a", ({ PATH }) => ({ PATH })],
    ["a daemon that a plugin has left", "daemon", (variables) => variables]
  ])("%s", ([, name, change]) =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, name, `echo up > ${directory}/ready; ${endless}`)
      const pid = yield* start(path, change(variables))
      yield* contentOf(`${directory}/ready`)
      yield* settleNow(attached)
      assert.isTrue(isAlive(pid))
    }))

  it.live("a daemon that is told the name of a plugin", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, "daemon", `echo up > ${directory}/ready; ${endless}`)
      const pid = yield* start(path, variables, "a")
      yield* contentOf(`${directory}/ready`)
      yield* settleNow(attached)
      assert.isTrue(isAlive(pid))
    }))

  it.live("a process that has the pid of a plugin now", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, "daemon", endless)
      const later = yield* start(path, variables)
      yield* settleNow({ ...attached, running: recorded(later, `${Number(startTimeOf(later)) - 1}`) })
      const stranger = yield* start(path, { PATH: variables.PATH })
      yield* settleNow({ ...attached, running: recorded(stranger, startTimeOf(stranger)) })
      yield* settleNow({ ...attached, running: recorded(stranger, "") })
      assert.deepStrictEqual([later, stranger].map(isAlive), [true, true])
    }))

  it.live("a stranger in the group that a plugin was started in", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const ipam = writePlugin(directory, "ipam", `echo $$ > ${directory}/delegate; ${endless}`)
      const launched = `env -i sleep 1000 & echo $! > ${directory}/stranger; ${ipam} & wait`
      const launcher = yield* start(writePlugin(directory, "launcher", launched), variables)
      const stranger = Number(yield* contentOf(`${directory}/stranger`))
      yield* until(() => Fs.readFileSync(`/proc/${stranger}/cmdline`, "utf8").startsWith("sleep"))
      const delegate = Number(yield* contentOf(`${directory}/delegate`))
      process.kill(launcher, "SIGKILL")
      yield* until(() => !isAlive(launcher))
      yield* settleNow(attached)
      assert.deepStrictEqual([stranger, delegate].map(isAlive), [true, false])
    }))

  it.live("this process", () =>
    Effect.gen(function*() {
      const { attached } = yield* attachment
      yield* settleNow({ ...attached, running: recorded(process.pid, startTimeOf(process.pid)) })
    }))
})

describe("NodeLeftoverPlugins: ends", () => {
  it.live("a plugin that is not done in time, and gives it time to clean up", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(
        directory,
        "a",
        `trap 'sleep 0.2; echo cleaned > ${directory}/trap; exit 1' TERM; echo up > ${directory}/ready; ${endless}`
      )
      const pid = yield* start(path, variables)
      yield* contentOf(`${directory}/ready`)
      const said: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => void said.push(`${logLevel} ${String(message)}`))
      yield* settle(attached).pipe(
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
      const pid = yield* start(path, variables)
      yield* contentOf(`${directory}/ready`)
      const running = how === "found" ? undefined : recorded(pid, startTimeOf(pid), path)
      yield* settleNow({ ...attached, running })
      assert.isFalse(isAlive(pid))
    }))

  it.live("a plugin with all that it has started", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const path = writePlugin(directory, "a", `sleep 1000 & echo $! > ${directory}/child; wait`)
      const pid = yield* start(path, variables)
      const child = Number(yield* contentOf(`${directory}/child`))
      yield* settleNow(attached)
      assert.isFalse(isAlive(pid))
      yield* until(() => !isAlive(child))
    }))

  it.live("a plugin that lives on in the group of the one that started it", () =>
    Effect.gen(function*() {
      const { attached, directory, variables } = yield* attachment
      const ipam = writePlugin(directory, "ipam", `echo $$ > ${directory}/delegate; ${endless}`)
      const parent = yield* start(writePlugin(directory, "a", `${ipam} & wait`), variables)
      const delegate = Number(yield* contentOf(`${directory}/delegate`))
      process.kill(parent, "SIGKILL")
      yield* until(() => !isAlive(parent))
      yield* settleNow(attached)
      assert.isFalse(isAlive(delegate))
    }))
})

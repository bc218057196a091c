/** A process that starts plugins for another: what it says, and what becomes of everybody when one of them goes. */
import { assert, describe, it } from "@effect/vitest"
import { type JournalEntry, Tunables } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { execBy } from "../../src/layers/internal/execBy.ts"
import * as ForkServer from "../../src/layers/internal/forkServer.ts"
import * as Frames from "../../src/layers/internal/forkServerFrames.ts"
import * as SparingSpawn from "../../src/layers/internal/sparingSpawn.ts"
import { contentOf, isAlive, temporaryDirectory, until, writeFile, writePlugin } from "../support/directory.ts"
import { forkServer } from "../support/forkServerExec.ts"
import { invocation } from "../support/invocation.ts"

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The parent of a plugin that is run now. */
const parentBy = ({ launch }: Pick<ForkServer.ForkServer, "launch">) =>
  Effect.gen(function*() {
    const path = writePlugin(yield* temporaryDirectory, "a", "echo $PPID")
    return Number(text((yield* execBy(launch).run(invocation({ path }))).stdout))
  })

/** Runs a plugin that ends only by force, and of which its runtime has been told; gives the run and its pid. */
const hanging = Effect.fnUntraced(function*({ launch }: ForkServer.ForkServer, timeLimitMs: number) {
  const path = writePlugin(yield* temporaryDirectory, "a", "exec sleep 1000")
  let plugin = 0
  const started = ({ pid }: JournalEntry.ProcessId) => Effect.sync(() => plugin = pid)
  const fiber = yield* Effect.forkChild(execBy(launch).run(invocation({ path, timeLimitMs }), started))
  yield* until(() => plugin !== 0)
  return { fiber, plugin }
})

describe("frames", () => {
  const Frame = Schema.Struct({
    kind: Schema.Literals(["environment", "start", "stdout", "closed"]),
    run: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 32 - 1 })),
    body: Schema.Uint8Array
  })
  const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 })))

  it.prop(
    "are read as they were written, in whichever pieces they come",
    [Schema.Array(Frame), Cuts],
    ([frames, cuts]) => {
      const read: Array<Frames.Frame> = []
      const reader = Frames.reader((frame) => read.push(frame))
      let rest = Buffer.concat(frames.map(({ body, kind, run }) => Frames.encode(kind, run, body)))
      for (const cut of cuts) {
        reader(rest.subarray(0, cut))
        rest = rest.subarray(cut)
      }
      reader(rest)
      assert.deepStrictEqual(
        read.map(({ body, kind, run }) => ({ kind, run, body: [...body] })),
        frames.map(({ body, kind, run }) => ({ kind, run, body: [...body] }))
      )
    }
  )

  it.prop("carry texts of which the last may have anything in it", [Schema.Array(Schema.String)], ([texts]) => {
    const last = "a\0b\0"
    const others = texts.map((text) => text.toWellFormed().replaceAll("\0", ""))
    const body = Buffer.from(Frames.join([...others, last]))
    assert.deepStrictEqual(Frames.split(body, others.length + 1), [...others, last])
  })
})

describe("a fork server", () => {
  it.live("is the parent of what it starts, and starts it in our directory", () =>
    Effect.gen(function*() {
      const server = yield* forkServer()
      const path = writePlugin(yield* temporaryDirectory, "a", "echo $PPID; pwd -P")
      const { stdout } = yield* execBy(server.launch).run(invocation({ path }))
      assert.strictEqual(text(stdout), `${server.pid}\n${process.cwd()}\n`)
    }))

  it.live("goes on when a whole group of processes is asked to end", () =>
    Effect.gen(function*() {
      const server = yield* forkServer()
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) process.kill(server.pid, signal)
      assert.strictEqual(yield* parentBy(server), server.pid)
    }))

  it.live("has what it refuses started by ourselves, and ends when it refuses everything", () =>
    Effect.gen(function*() {
      let wasAsked: boolean | undefined
      const server = yield* forkServer({ ended: (asked) => (wasAsked = asked) })
      ChildProcess.execFileSync("prlimit", ["--pid", String(server.pid), "--nofile=8:8"])
      for (let runs = 0; runs < 3; runs++) assert.strictEqual(yield* parentBy(server), process.pid)
      yield* until(() => wasAsked !== undefined)
      assert.deepStrictEqual([wasAsked, isAlive(server.pid)], [false, false])
    }))

  it.live("goes on where what it refuses cannot be started at all", () =>
    Effect.gen(function*() {
      const server = yield* forkServer()
      for (let runs = 0; runs < 5; runs++) {
        yield* Effect.flip(execBy(server.launch).run(invocation({ path: "/no/such" })))
      }
      assert.strictEqual(yield* parentBy(server), server.pid)
    }))

  it.live("that dies takes with it what it has started, and the next is started without it", () =>
    Effect.gen(function*() {
      const server = yield* forkServer()
      const { fiber, plugin } = yield* hanging(server, 20_000)
      process.kill(server.pid, "SIGKILL")
      assert.deepStrictEqual((yield* Fiber.join(fiber)).exit, { _tag: "Signalled", signal: "SIGKILL" })
      assert.isFalse(isAlive(plugin))
      assert.strictEqual(yield* parentBy(server), process.pid)
    }))

  it.live("that dies changes nothing of an end that is known, and spares whom the plugin left behind", () =>
    Effect.gen(function*() {
      const server = yield* forkServer()
      const directory = yield* temporaryDirectory
      const path = writePlugin(directory, "a", `sleep 1000 & echo $! > ${directory}/daemon; echo '{}'; exit 3`)
      const running = execBy(server.launch).run(invocation({ path }))
      const fiber = yield* Effect.forkChild(Effect.provideService(running, Tunables.DrainGrace, "1 hour"))
      const daemon = Number(yield* contentOf(`${directory}/daemon`))
      // The server has reaped it, and tells of it no later than of another.
      yield* until(() => childrenOf(server.pid).length === 0)
      yield* parentBy(server)
      process.kill(server.pid, "SIGKILL")
      const { exit, stdout } = yield* Fiber.join(fiber)
      assert.deepStrictEqual([exit, text(stdout)], [{ _tag: "Exited", status: 3 }, "{}\n"])
      assert.isTrue(isAlive(daemon))
      process.kill(daemon, "SIGKILL")
    }))

  it.live("that dies before it says what it did ends what it may have started", () =>
    Effect.gen(function*() {
      const server = yield* forkServer()
      process.kill(server.pid, "SIGSTOP")
      const directory = yield* temporaryDirectory
      const path = writePlugin(directory, "plügin", `echo $$ > ${directory}/$CNI_CONTAINERID; sleep 1000`)
      const asking = invocation({ path })
      const fiber = yield* Effect.forkChild(execBy(server.launch).run(asking), { startImmediately: true })
      // As the server would have: nobody's child, in a session of its own.
      const start = (CNI_CONTAINERID: string) =>
        Effect.suspend(() => {
          const environment = { ...asking.environment, CNI_CONTAINERID, PATH: process.env["PATH"] }
          ChildProcess.execFileSync("setsid", ["--fork", path], { env: environment, stdio: "ignore" })
          return Effect.map(contentOf(`${directory}/${CNI_CONTAINERID}`), Number)
        })
      const [started, other] = [yield* start("c1"), yield* start("c2")]
      process.kill(server.pid, "SIGKILL")
      const { exit, stderr } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(exit, { _tag: "Signalled", signal: "SIGKILL" })
      assert.strictEqual(stderr, "the process that starts plugins has ended")
      assert.deepStrictEqual([isAlive(started), isAlive(other)], [false, true])
      process.kill(-other, "SIGKILL")
    }))

  it.live("that does not answer is killed", () =>
    Effect.gen(function*() {
      const server = yield* forkServer({ answerLimitMs: 500 })
      process.kill(server.pid, "SIGSTOP")
      const { exit } = yield* execBy(server.launch).run(invocation({ path: "/bin/true" }))
      assert.deepStrictEqual(exit, { _tag: "Signalled", signal: "SIGKILL" })
      yield* until(() => !isAlive(server.pid))
    }))

  it.live("that hangs keeps no run longer than its time limit", () =>
    Effect.gen(function*() {
      const server = yield* forkServer()
      const running = hanging(server, 300)
      const { fiber } = yield* Effect.provideService(running, Tunables.KillGrace, "50 millis")
      process.kill(server.pid, "SIGSTOP")
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "PluginTimeout")
      process.kill(server.pid, "SIGCONT")
    }))

  it.live("that is asked to end does so when nothing runs any more", () =>
    Effect.gen(function*() {
      let wasAsked: boolean | undefined
      const server = yield* forkServer({ ended: (asked) => (wasAsked = asked) })
      const { fiber } = yield* hanging(server, 20_000)
      server.end()
      assert.strictEqual(yield* parentBy(server), process.pid)
      assert.isTrue(isAlive(server.pid))
      yield* Fiber.interrupt(fiber)
      yield* until(() => wasAsked !== undefined)
      assert.isTrue(wasAsked)
      assert.isFalse(isAlive(server.pid))
    }))

  it.live("on whose stdout somebody else speaks is killed", () =>
    Effect.gen(function*() {
      let wasAsked: boolean | undefined
      const program = writeFile(
        yield* temporaryDirectory,
        "program.mjs",
        "console.log('hello'); setInterval(() => {}, 1000)"
      )
      const { pid } = ForkServer.start(program, { ready: () => {}, ended: (asked) => (wasAsked = asked) })
      yield* until(() => wasAsked !== undefined)
      assert.deepStrictEqual([wasAsked, isAlive(pid)], [false, false])
    }))
})

/** Our children but for these: a server that is coming, or one of an earlier test that goes. */
const othersThan = (servers: ReadonlyArray<number>) =>
  childrenOf(process.pid).filter((pid) => !servers.includes(Number(pid)))

const childrenOf = (pid: number): ReadonlyArray<string> =>
  Fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter((child) => child !== "")

describe("forks are spared", () => {
  const sparing = (options: SparingSpawn.Options) =>
    Effect.acquireRelease(Effect.sync(() => SparingSpawn.make(options)), ({ end }) => Effect.sync(end))

  it.live("not for a few runs", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 10_000 })
      for (let runs = 0; runs < 5; runs++) assert.strictEqual(yield* parentBy(spawn), process.pid)
      yield* until(() => othersThan(spawn.servers()).length === 0)
      assert.deepStrictEqual(spawn.servers(), [])
    }))

  it.live("by a server once they have taken long enough", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0, servers: 1 })
      assert.strictEqual(yield* parentBy(spawn), process.pid)
      yield* until(() => spawn.servers().length === 1)
      assert.strictEqual(yield* parentBy(spawn), spawn.servers()[0])
    }))

  it.live("by none that has had nothing to do for a while, until they have taken long enough again", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0, idleMs: 50, servers: 1 })
      for (let times = 0; times < 2; times++) {
        assert.strictEqual(yield* parentBy(spawn), process.pid)
        yield* until(() => spawn.servers().length === 1)
        const [server = 0] = spawn.servers()
        yield* until(() => !isAlive(server))
      }
    }))

  it.live("by none where the system starts none, and plugins run all the same", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0 })
      const { execPath } = process
      process.execPath = "/no/such/node"
      yield* parentBy(spawn).pipe(Effect.ensuring(Effect.sync(() => (process.execPath = execPath))))
      assert.strictEqual(yield* parentBy(spawn), process.pid)
    }))

  it.live("by a server more where one is not enough, and by no more than there may be", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0, servers: 2 })
      const many = Effect.forEach(Array.from({ length: 12 }), () => parentBy(spawn), { concurrency: 12 })
      yield* many
      yield* until(() => spawn.servers().length === 1)
      yield* many
      yield* until(() => spawn.servers().length === 2)
      const parents = new Set(yield* many)
      assert.strictEqual(parents.size, 2)
      assert.deepStrictEqual(spawn.servers().filter((pid) => !parents.has(pid)), [])
      yield* until(() => othersThan(spawn.servers()).length === 0)
      assert.strictEqual(spawn.servers().length, 2)
    }))

  it.live("by a new server where one has died", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0, servers: 1 })
      yield* parentBy(spawn)
      yield* until(() => spawn.servers().length === 1)
      process.kill(spawn.servers()[0] ?? 0, "SIGKILL")
      yield* until(() => spawn.servers().length === 0)
      assert.strictEqual(yield* parentBy(spawn), process.pid)
      yield* until(() => spawn.servers().length === 1)
    }))

  it.live("no longer after the end", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0 })
      yield* parentBy(spawn)
      yield* until(() => spawn.servers().length === 1)
      const [server = 0] = spawn.servers()
      spawn.end()
      yield* until(() => !isAlive(server))
      assert.strictEqual(yield* parentBy(spawn), process.pid)
      assert.deepStrictEqual(spawn.servers(), [])
    }))
})

/** A process that starts plugins for another: what it says, and what becomes of everybody when one of them goes. */
import { assert, describe, it } from "@effect/vitest"
import { type JournalEntry, Tunables } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import { execBy } from "../../src/layers/internal/execBy.ts"
import type * as ForkServer from "../../src/layers/internal/forkServer.ts"
import * as Frames from "../../src/layers/internal/forkServerFrames.ts"
import * as SparingSpawn from "../../src/layers/internal/sparingSpawn.ts"
import { isAlive, temporaryDirectory, until, writePlugin } from "../support/directory.ts"
import { forkServer } from "../support/forkServerExec.ts"
import { invocation } from "../support/invocation.ts"

/** The servers among our children. */
const serverPids = (): ReadonlyArray<number> =>
  Fs.readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").map(Number).filter((pid) =>
    pid > 0 && Fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("effect-cni: fork server")
  )

const serverPid = Effect.sync(() => {
  const [pid = 0] = serverPids()
  assert.isAbove(pid, 0)
  return pid
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
      const { run } = execBy((yield* forkServer()).launch)
      const path = writePlugin(yield* temporaryDirectory, "a", "echo $PPID; pwd")
      const { stdout } = yield* run(invocation({ path }))
      assert.strictEqual(new TextDecoder().decode(stdout), `${yield* serverPid}\n${process.cwd()}\n`)
    }))

  it.live("goes on when a whole group of processes is asked to end", () =>
    Effect.gen(function*() {
      const { run } = execBy((yield* forkServer()).launch)
      const pid = yield* serverPid
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) process.kill(pid, signal)
      const path = writePlugin(yield* temporaryDirectory, "a", "echo $PPID")
      assert.strictEqual(new TextDecoder().decode((yield* run(invocation({ path }))).stdout), `${pid}\n`)
    }))

  it.live("that dies takes with it what it has started, and the next is started without it", () =>
    Effect.gen(function*() {
      const server = yield* forkServer()
      const { run } = execBy(server.launch)
      const { fiber, plugin } = yield* hanging(server, 20_000)
      process.kill(yield* serverPid, "SIGKILL")
      assert.deepStrictEqual((yield* Fiber.join(fiber)).exit, { _tag: "Signalled", signal: "SIGKILL" })
      yield* until(() => !isAlive(plugin))
      const own = writePlugin(yield* temporaryDirectory, "a", "echo $PPID")
      assert.strictEqual(new TextDecoder().decode((yield* run(invocation({ path: own }))).stdout), `${process.pid}\n`)
    }))

  it.live("that does not answer is killed, and who asked is told", () =>
    Effect.gen(function*() {
      const { run } = execBy((yield* forkServer({ answerLimitMs: 50 })).launch)
      const pid = yield* serverPid
      process.kill(pid, "SIGSTOP")
      const error = yield* Effect.flip(run(invocation({})))
      assert(error._tag === "PluginSpawnFailed")
      assert.strictEqual(error.detail, "the process that starts plugins has ended")
      yield* until(() => !isAlive(pid))
    }))

  it.live("that hangs keeps no run longer than its time limit", () =>
    Effect.gen(function*() {
      const running = hanging(yield* forkServer(), 300)
      const { fiber } = yield* Effect.provideService(running, Tunables.KillGrace, "50 millis")
      const server = yield* serverPid
      process.kill(server, "SIGSTOP")
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "PluginTimeout")
      process.kill(server, "SIGCONT")
    }))

  it.live("that is asked to end does so when nothing runs any more", () =>
    Effect.gen(function*() {
      let wasAsked: boolean | undefined
      const server = yield* forkServer({ ended: (asked) => (wasAsked = asked) })
      const { fiber } = yield* hanging(server, 20_000)
      const own = yield* serverPid
      server.end()
      assert.isTrue(isAlive(own))
      yield* Fiber.interrupt(fiber)
      yield* until(() => wasAsked !== undefined)
      assert.isTrue(wasAsked)
      assert.isFalse(isAlive(own))
    }))
})

describe("forks are spared", () => {
  const sparing = (options: SparingSpawn.Options) =>
    Effect.acquireRelease(Effect.sync(() => SparingSpawn.make(options)), ({ end }) => Effect.sync(end))

  /** The parent of a plugin that is run now. */
  const parentBy = ({ launch }: SparingSpawn.SparingSpawn) =>
    Effect.gen(function*() {
      const path = writePlugin(yield* temporaryDirectory, "a", "echo $PPID")
      return Number(new TextDecoder().decode((yield* execBy(launch).run(invocation({ path }))).stdout))
    })

  it.live("not for a few runs", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 10_000 })
      for (let runs = 0; runs < 5; runs++) assert.strictEqual(yield* parentBy(spawn), process.pid)
      assert.deepStrictEqual(serverPids(), [])
    }))

  it.live("by a server once they have taken long enough, until it has had nothing to do for a while", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0, idleMs: 100, servers: 1 })
      assert.strictEqual(yield* parentBy(spawn), process.pid)
      yield* until(() => spawn.servers() === 1)
      const [server = 0] = serverPids()
      assert.strictEqual(yield* parentBy(spawn), server)
      yield* until(() => !isAlive(server))
      assert.strictEqual(yield* parentBy(spawn), process.pid)
      yield* until(() => spawn.servers() === 1)
      assert.notStrictEqual(yield* parentBy(spawn), process.pid)
    }))

  it.live("by a server more where one is not enough, and by no more than there may be", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0, servers: 2 })
      const many = Effect.forEach(Array.from({ length: 12 }), () => parentBy(spawn), { concurrency: 12 })
      yield* many
      yield* until(() => spawn.servers() === 1)
      yield* many
      yield* until(() => spawn.servers() === 2)
      const parents = new Set(yield* many)
      assert.strictEqual(parents.size, 2)
      assert.deepStrictEqual(serverPids().filter((pid) => !parents.has(pid)), [])
    }))

  it.live("by a new server where one has died", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0, servers: 1 })
      yield* parentBy(spawn)
      yield* until(() => spawn.servers() === 1)
      process.kill(yield* serverPid, "SIGKILL")
      yield* until(() => spawn.servers() === 0)
      assert.strictEqual(yield* parentBy(spawn), process.pid)
      yield* until(() => spawn.servers() === 1)
    }))

  it.live("no longer after the end", () =>
    Effect.gen(function*() {
      const spawn = yield* sparing({ heldUpMs: 0 })
      yield* parentBy(spawn)
      yield* until(() => spawn.servers() === 1)
      const server = yield* serverPid
      spawn.end()
      yield* until(() => !isAlive(server))
      assert.strictEqual(yield* parentBy(spawn), process.pid)
      assert.deepStrictEqual(serverPids(), [])
    }))
})

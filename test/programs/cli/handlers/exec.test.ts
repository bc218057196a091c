/** Commands in namespaces of their own, in memory. */
import { assert, describe, it } from "@effect/vitest"
import { MemoryCni } from "effect-cni/testing"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { NamespaceFailed } from "../../../../src/domain/errors/CommandError.ts"
import { lastLine, outcome, session, type World } from "../support.ts"

const mynet = `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"},{"type":"portmap"}]}`

const result = {
  interfaces: [{ name: "eth0", sandbox: "/run/netns/scratch1" }],
  ips: [{ address: "10.1.0.5/24", interface: 0 }],
  dns: { nameservers: ["10.1.0.1"], search: ["example.org"] }
}

/** A world where the program `server` ends as it is told, and what happens to namespaces is written down. */
const worldWith = (ending: Effect.Effect<{ readonly status: number; readonly signal?: string }>) => {
  const history: Array<string> = []
  const world: World = {
    plugins: { bridge: { ADD: result }, portmap: MemoryCni.passThrough },
    networks: { "10-mynet.conflist": mynet },
    scratch: { programs: { server: ending }, history }
  }
  return { history, world }
}

const terminal = { isTerminal: true, hasColours: false, columns: 80 }

describe("effect-cni exec", () => {
  it.effect("attaches, runs, detaches, and ends as the command did", () =>
    Effect.gen(function*() {
      const { history, world } = worldWith(Effect.succeed({ status: 7 }))
      const { invocations, status, stderr, stdout } = yield* outcome(
        world,
        "exec",
        "mynet",
        "--",
        "server",
        "--port",
        "1"
      )
      assert.deepStrictEqual([status, stdout, stderr], [7, "", ""])
      assert.deepStrictEqual(invocations, ["bridge ADD", "portmap ADD", "portmap DEL", "bridge DEL"])
      assert.deepStrictEqual(history, [
        "make",
        "resolve by nameserver 10.1.0.1\nsearch example.org",
        "server --port 1",
        "remove"
      ])
    }))

  it.effect("says on a terminal which address the command has", () =>
    Effect.gen(function*() {
      const { world } = worldWith(Effect.succeed({ status: 0 }))
      const { stderr } = yield* outcome({ ...world, surface: terminal }, "exec", "mynet", "server")
      assert.strictEqual(stderr, "eth0 on mynet: 10.1.0.5/24\n")
    }))

  it.effect("does not hide behind a command that did well what could not be detached", () =>
    Effect.gen(function*() {
      const { world } = worldWith(Effect.succeed({ status: 0 }))
      const stuck = {
        ...world,
        plugins: { ...world.plugins, bridge: { ADD: result, DEL: MemoryCni.fail({ code: 100, msg: "not now" }) } }
      }
      const { status, stderr, stdout } = yield* outcome(stuck, "exec", "mynet", "--json", "--", "server")
      assert.strictEqual(status, 1)
      const envelope: unknown = JSON.parse(stdout)
      assert.nestedPropertyVal(envelope, "result.detached", false)
      assert.include(
        stderr,
        "warning: container scratch1 could not be detached from mynet; to try again:\n  effect-cni recover\n"
      )
    }))

  it.effect("tells programs how the command ended, and what it was attached with", () =>
    Effect.gen(function*() {
      const { world } = worldWith(Effect.succeed({ status: 137, signal: "SIGKILL" }))
      const { status, stdout } = yield* outcome(world, "exec", "mynet", "--json", "--", "server")
      assert.strictEqual(status, 137)
      const envelope: unknown = JSON.parse(stdout)
      assert.deepStrictEqual(envelope, {
        ok: true,
        command: "exec",
        result: {
          status: 137,
          signal: "SIGKILL",
          containerId: "scratch1",
          ifName: "eth0",
          namespace: "/run/netns/scratch1",
          attachment: { cniVersion: "1.0.0", ...result },
          detached: true
        }
      })
    }))

  it.effect("leaves no namespace where a plugin fails", () =>
    Effect.gen(function*() {
      const { history, world } = worldWith(Effect.succeed({ status: 0 }))
      const failing = { ...world.plugins, portmap: { ADD: MemoryCni.fail({ code: 11, msg: "try later" }) } }
      const { status, stderr } = yield* outcome({ ...world, plugins: failing }, "exec", "mynet", "server")
      assert.strictEqual(status, 1)
      assert.strictEqual(
        lastLine(stderr),
        `plugin type="portmap" failed (add): try later`
      )
      assert.deepStrictEqual(history, ["make", "remove"])
    }))

  it.effect("ends as a shell does where there is no such program, before anything is made", () =>
    Effect.gen(function*() {
      const { history, world } = worldWith(Effect.succeed({ status: 0 }))
      const { status, stderr } = yield* outcome(world, "exec", "mynet", "--", "severr")
      assert.strictEqual(status, 127)
      assert.match(stderr, /cannot run "severr": there is no such program in PATH/)
      assert.deepStrictEqual(history, [])
    }))

  it.effect("says what it takes where no namespace can be made", () =>
    Effect.gen(function*() {
      const { world } = worldWith(Effect.succeed({ status: 0 }))
      const failure = new NamespaceFailed({
        operation: "make",
        namespace: "scratch1",
        reason: "NotPermitted",
        detail: "mount --make-shared /run/netns failed: Operation not permitted"
      })
      const call = (userId: number) =>
        outcome({ ...world, userId, scratch: { ...world.scratch, failure } }, "exec", "mynet", "server")
      assert.match((yield* call(1000)).stderr, /you are user 1000: run it as root/)
      assert.match((yield* call(0)).stderr, /CAP_SYS_ADMIN/)
    }))

  it.effect("says where the flags of the command belong", () =>
    Effect.gen(function*() {
      const { world } = worldWith(Effect.succeed({ status: 0 }))
      const { stderr } = yield* outcome(world, "exec", "mynet", "server", "-l")
      assert.match(stderr, /-l .*; flags of the command to run come after --\n/)
    }))

  it.effect("takes no namespace that exists already", () =>
    Effect.gen(function*() {
      const { world } = worldWith(Effect.succeed({ status: 0 }))
      const { stderr } = yield* outcome(world, "exec", "mynet", "--netns", "/run/netns/blue", "--", "server")
      assert.match(stderr, /there can be no --netns/)
    }))

  it.effect("takes everything away when it is interrupted while the command runs", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const { history, world } = worldWith(Effect.andThen(Deferred.succeed(started, undefined), Effect.never))
      const running = yield* Effect.forkChild(session(world, ["exec", "mynet", "server"]))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(running)
      assert.deepStrictEqual(history.slice(-2), ["server", "remove"])
    }))
})

/** What every way of running plugins must do. */
import { assert, describe, it } from "@effect/vitest"
import { PluginExec, Tunables } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { invocation } from "../support/invocation.ts"

/** How a plugin behaves; a layer under test makes it real in its own way. */
export interface Behaviour {
  readonly stdout?: string
  readonly stderr?: string
  readonly status?: number
  readonly signal?: string
  readonly hangs?: boolean
}

/** Executors with one plugin, and where that plugin is. */
export type World = (behaviour: Behaviour) => Effect.Effect<
  {
    readonly layer: Layer.Layer<PluginExec>
    readonly path: string
  },
  never,
  Scope.Scope
>

export const contract = (name: string, world: World) =>
  describe(`PluginExec (${name})`, () => {
    const run = (behaviour: Behaviour, change: Parameters<typeof invocation>[0] = {}) =>
      Effect.gen(function*() {
        const { layer, path } = yield* world(behaviour)
        return yield* Effect.provide(PluginExec.use((exec) => exec.run(invocation({ path, ...change }))), layer)
      })
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

    it.live("gives what a plugin wrote and that it succeeded", () =>
      Effect.gen(function*() {
        const outcome = yield* run({ stdout: `{"cniVersion":"1.0.0"}`, stderr: "a word on the side" })
        assert.deepStrictEqual(outcome.exit, { _tag: "Exited", status: 0 })
        assert.strictEqual(text(outcome.stdout), `{"cniVersion":"1.0.0"}`)
        assert.strictEqual(outcome.stderr, "a word on the side")
        assert.isAtLeast(outcome.durationMs, 0)
      }))

    it.live("takes a failing exit status for an outcome", () =>
      Effect.gen(function*() {
        const outcome = yield* run({ stdout: `{"code":7}`, status: 3 })
        assert.deepStrictEqual(outcome.exit, { _tag: "Exited", status: 3 })
        assert.strictEqual(text(outcome.stdout), `{"code":7}`)
      }))

    it.live("takes death by a signal for an outcome", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* run({ signal: "SIGKILL" })).exit, { _tag: "Signalled", signal: "SIGKILL" })
      }))

    it.live("stops a plugin at its time limit", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(run({ hangs: true }, { timeLimitMs: 20, command: "DEL" }))
        assert(error._tag === "PluginTimeout")
        assert.deepStrictEqual(
          [error.plugin, error.command, error.limitMs, error.endedBy, error.containerId],
          ["a", "DEL", 20, "SIGTERM", "c1"]
        )
      }))

    it.live("ends when it is interrupted", () =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(run({ hangs: true }))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
      }))

    it.live("refuses more output than allowed", () =>
      Effect.gen(function*() {
        const limits = { stdout: { maxBytes: 1000, maxDepth: 10 }, stderrBytes: 10 }
        const error = yield* run({ stdout: "x".repeat(5000) }).pipe(
          Effect.provideService(Tunables.OutputLimit, limits),
          Effect.flip
        )
        assert(error._tag === "PluginOutputInvalid")
        assert.strictEqual(error.excerpt, "x".repeat(512))
      }))

    it.live("keeps the end of stderr", () =>
      Effect.gen(function*() {
        const limits = { stdout: { maxBytes: 1000, maxDepth: 10 }, stderrBytes: 10 }
        const outcome = yield* Effect.provideService(
          run({ stderr: `${"x".repeat(5000)}the last ten` }),
          Tunables.OutputLimit,
          limits
        )
        assert.strictEqual(outcome.stderr, "e last ten")
      }))
  })

/** Lets operations that ask a plugin the same at the same time share one run: STATUS and VERSION change nothing. */
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Fiber from "effect/Fiber"
import * as Hash from "effect/Hash"
import * as Layer from "effect/Layer"
import * as RcMap from "effect/RcMap"
import type { PluginInvocation } from "../../domain/plugin/PluginRequest.ts"
import { PluginExec } from "../../services/plugin/PluginExec.ts"
import { DrainGrace, KillGrace, OutputLimit, PluginStderr } from "../../services/Tunables.ts"

/**
 * Runs plugins with the executor below. A STATUS or VERSION that is running already, with the same configuration, time limit
 * and tuning, is not started again: all callers get the one answer, or the one error. The plugin is ended when the last
 * caller that waits for it is interrupted. `NodeCni` does not have this layer by itself: put it over the executor where many
 * callers ask for the status of one network at the same time.
 *
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import { NodeCni, CoalescedPluginExec } from "effect-cni/node"
 *
 * const CniLive = NodeCni.layer({
 *   pluginPaths: ["/opt/cni/bin"],
 *   cacheDir: "/var/lib/cni",
 *   exec: Layer.provide(CoalescedPluginExec.layer, NodeCni.fastest)
 * })
 * ```
 */
export const layer: Layer.Layer<PluginExec, never, PluginExec> = Layer.effect(
  PluginExec,
  Effect.gen(function*() {
    const exec = yield* PluginExec
    const asking = yield* RcMap.make({
      lookup: ({ context, invocation }: Question) =>
        Effect.forkScoped(Effect.provideContext(exec.run(invocation), context), { startImmediately: true })
    })
    return PluginExec.of({
      dialect: exec.dialect,
      run: (invocation, started) =>
        started === undefined && questions.has(invocation.command)
          ? Effect.scoped(Effect.gen(function*() {
            return yield* Fiber.join(yield* RcMap.get(asking, yield* questionOf(invocation)))
          }))
          : exec.run(invocation, started)
    })
  })
)

const questions: ReadonlySet<string> = new Set(["STATUS", "VERSION"])

/** By what it is the same as another; the first one's context is that of the run. */
class Question implements Equal.Equal {
  readonly key: string
  readonly invocation: PluginInvocation
  readonly context: Context.Context<never>

  constructor(key: string, invocation: PluginInvocation, context: Context.Context<never>) {
    this.key = key
    this.invocation = invocation
    this.context = context
  }

  [Hash.symbol](): number {
    return Hash.string(this.key)
  }

  [Equal.symbol](that: Equal.Equal): boolean {
    return that instanceof Question && that.key === this.key
  }
}

const questionOf = Effect.fnUntraced(function*(invocation: PluginInvocation) {
  const tuning = [
    Duration.toMillis(yield* KillGrace),
    Duration.toMillis(yield* DrainGrace),
    yield* OutputLimit,
    yield* PluginStderr
  ]
  return new Question(JSON.stringify([invocation, tuning]), invocation, yield* Effect.context())
})

/** Lets no more plugins run at a time than `PluginConcurrency` says. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PluginExec } from "../../services/plugin/PluginExec.ts"
import { PluginConcurrency } from "../../services/Tunables.ts"

/**
 * Runs plugins with the executor below. A run waits, first come, first served, until fewer runs than its `PluginConcurrency`
 * go on; it can be interrupted while it waits. A run that is not bounded neither waits nor counts. `NodeCni` and `MemoryCni`
 * have this layer over their executors.
 */
export const layer: Layer.Layer<PluginExec, never, PluginExec> = Layer.effect(
  PluginExec,
  Effect.gen(function*() {
    const exec = yield* PluginExec
    const { withPermit } = makePermits()
    return PluginExec.of({
      dialect: exec.dialect,
      run: (invocation, started) => {
        const running = exec.run(invocation, started)
        return PluginConcurrency.use((bound) => bound === "unbounded" ? running : withPermit(bound, running))
      }
    })
  })
)

interface Waiter {
  readonly bound: number
  isGranted: boolean
  wake: () => void
}

const makePermits = () => {
  const waiting: Array<Waiter> = []
  let running = 0

  // One may always run, at any bound, so that nothing waits for ever.
  const grant = () => {
    for (let next = waiting[0]; next !== undefined && (running === 0 || running < next.bound); next = waiting[0]) {
      waiting.shift()
      running++
      next.isGranted = true
      next.wake()
    }
  }
  const enter = (bound: number): Waiter => {
    const waiter: Waiter = { bound, isGranted: false, wake: () => {} }
    waiting.push(waiter)
    grant()
    return waiter
  }
  const leave = (waiter: Waiter) => {
    if (waiter.isGranted) running--
    else waiting.splice(waiting.indexOf(waiter), 1)
    grant()
  }

  const withPermit = <A, E, R>(bound: number, run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const waiter = enter(bound)
        return restore(Effect.andThen(granted(waiter), run)).pipe(Effect.ensuring(Effect.sync(() => leave(waiter))))
      })
    )

  return { withPermit }
}

const granted = (waiter: Waiter): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (waiter.isGranted) return resume(Effect.void)
    waiter.wake = () => resume(Effect.void)
  })

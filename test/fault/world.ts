/** What all that a driver does has in common. */
import { type AttachmentKey, type Cni, type CniServices, NetworkConfigList } from "effect-cni"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Line } from "./chronicle.ts"
import type { Dice } from "./dice.ts"
import { type Failure, isExpected } from "./expected.ts"
import { ledgerChain } from "./ledgerPlugin.ts"
import type { Plan } from "./plan.ts"

/** `wanted`: by file name, what no GC may delete. */
export interface World {
  readonly plan: Plan
  readonly dice: Dice
  readonly tell: (line: Line) => void
  readonly wanted: Map<string, AttachmentKey.AttachmentKey>
  /** Whether nobody has taken anything of what is attached. */
  readonly isWhole: (key: AttachmentKey.AttachmentKey) => boolean
  /** Something that no other operation has. */
  readonly nextId: () => string
}

/** The chain for one operation on a network. */
export const chainFor = (
  { dice, nextId, plan }: World,
  network: string,
  fixedSeconds: number | null = null
): Effect.Effect<NetworkConfigList.NetworkConfigList> => {
  const real = plan.networks.find(({ name }) => name === network)?.real ?? undefined
  const text = real === undefined
    ? ledgerChain(network, nextId(), dice, plan.weights, fixedSeconds)
    : dice.chance(plan.weights.failing)
    ? real.failing
    : real.config
  return Effect.orDie(NetworkConfigList.fromText(text))
}

/** A while, in ms. */
export const pause = ({ dice }: World, most: number): Effect.Effect<void> =>
  Effect.suspend(() => Effect.sleep(dice.between(0, most)))

/** Runs an operation; what it may not fail with is told. */
export const observe = <A, E extends Failure, R>(
  { tell }: World,
  what: string,
  operation: Effect.Effect<A, E, R>,
  isRight: (failure: Failure) => boolean = isExpected
): Effect.Effect<Exit.Exit<A, E>, never, R> =>
  Effect.tap(Effect.exit(operation), (exit) =>
    Effect.sync(() => {
      for (const reason of Exit.isFailure(exit) ? exit.cause.reasons : []) {
        if (Cause.isFailReason(reason) && !isRight(reason.error)) {
          tell({
            _tag: "Surprise",
            what: `${what}: ${reason.error._tag}: ${reason.error.message} ${JSON.stringify(reason.error)}`
          })
        }
        if (Cause.isDieReason(reason)) tell({ _tag: "Surprise", what: `${what} died: ${String(reason.defect)}` })
      }
    }))

/** As `observe`, but some operations are interrupted. */
export const hurry = Effect.fnUntraced(function*<A, E extends Failure>(
  world: World,
  what: string,
  operation: Effect.Effect<A, E, Cni | CniServices>
): Effect.fn.Return<Exit.Exit<A, E>, never, Cni | CniServices> {
  const { dice, plan } = world
  if (!dice.chance(plan.interrupting)) return yield* observe(world, what, operation)
  const fiber = yield* Effect.forkChild(observe(world, what, operation))
  yield* Effect.raceFirst(Fiber.await(fiber), pause(world, 800))
  yield* Fiber.interrupt(fiber)
  return Exit.match(yield* Fiber.await(fiber), {
    onSuccess: (exit) => exit,
    onFailure: (cause) => Exit.failCause(cause)
  })
})

/** Whether there is no knowing how far an operation came. */
export const isInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause)

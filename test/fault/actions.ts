/** What a driver does to a container, each time with its lines in the chronicle. */
import { AttachmentKey, Cni, type CniServices, Tunables } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type Failure, isExpected, isInTheWay } from "./expected.ts"
import type { PlannedContainer } from "./plan.ts"
import { chainFor, hurry, isInterrupted, observe, pause, type World } from "./world.ts"

type Key = AttachmentKey.AttachmentKey
type Action<A = void> = (key: Key) => Effect.Effect<A, never, Cni | CniServices>

/** What one container can go through. */
export interface Actions {
  /** Attaches until somebody deletes it; gives whether it is up. */
  readonly attach: Action<boolean>
  /** Two ADDs at once, of which one can succeed; gives whether it is up. */
  readonly attachTwice: Action<boolean>
  /** Attaches and detaches at once. */
  readonly cross: Action
  /** Attaches for a while. */
  readonly visit: Action
  /** Tries to attach what is attached, on that network or another. */
  readonly probe: Action
  /** Deletes in one of the ways that there are. */
  readonly remove: Action
  /** Leaves it to GC, for a while. */
  readonly drop: Action
}

/** The actions of a container. */
export const actionsOf = (world: World, container: PlannedContainer): Actions => {
  const { dice, plan, tell, wanted } = world
  const nameOf = AttachmentKey.fileName
  const confOf = ({ ifName }: Key) => ({ ...container, ifName, args: [["IgnoreUnknown", "1"]] as const })
  const want = (key: Key) => void wanted.set(nameOf(key), key)
  const release = (key: Key) => void wanted.delete(nameOf(key))

  const add = (key: Key) =>
    Effect.flatMap(chainFor(world, key.network), (list) => Cni.addNetworkList(list, confOf(key)))
  const detach = (key: Key) => Effect.flatMap(chainFor(world, key.network), (list) => Cni.detach(list, confOf(key)))
  const del = (key: Key) =>
    Effect.flatMap(chainFor(world, key.network), (list) => Cni.delNetworkList(list, confOf(key)))
  const forget = (key: Key) => Effect.catchTag(Cni.delAttachment(key), "NotAttached", () => Effect.void)

  const inLittleTime = <A, E, R>(adding: Effect.Effect<A, E, R>) => {
    const limitMs = dice.between(50, 400)
    return dice.chance(plan.interrupting / 2)
      ? Effect.provideService(adding, Tunables.PluginTimeLimit, (command) => command === "ADD" ? limitMs : "2 minutes")
      : adding
  }

  const settle = Effect.fnUntraced(function*(key: Key) {
    tell({ _tag: "Deleting", key })
    yield* observe(world, `detach of ${nameOf(key)}`, detach(key))
    tell({ _tag: "Ended", key })
  })

  // Nobody knows what an interruption has left.
  const conclude = Effect.fnUntraced(function*(key: Key, exit: Exit.Exit<unknown, unknown>) {
    release(key)
    if (isInterrupted(exit)) yield* settle(key)
    else tell({ _tag: "Ended", key })
  })

  const begin = (key: Key, scoped: boolean) => {
    want(key)
    tell({ _tag: "Adding", key, scoped })
  }

  const keepIf = (key: Key, isUp: boolean) =>
    Effect.gen(function*() {
      if (isUp) tell({ _tag: "Attached", key })
      else yield* conclude(key, Exit.void)
      return isUp
    })

  return {
    attach: Effect.fnUntraced(function*(key) {
      begin(key, false)
      const exit = yield* hurry(world, `ADD of ${nameOf(key)}`, inLittleTime(add(key)))
      if (Exit.isSuccess(exit)) return yield* keepIf(key, true)
      yield* conclude(key, exit)
      return false
    }),
    attachTwice: Effect.fnUntraced(function*(key) {
      begin(key, false)
      const one = observe(
        world,
        `one of two ADDs of ${nameOf(key)}`,
        add(key),
        (failure) => isExpected(failure) || isInTheWay(failure)
      )
      const exits = yield* Effect.all([one, one], { concurrency: "unbounded" })
      const successes = exits.filter(Exit.isSuccess).length
      if (successes === 2) tell({ _tag: "Surprise", what: `two ADDs of ${nameOf(key)} succeeded` })
      return yield* keepIf(key, successes > 0)
    }),
    cross: Effect.fnUntraced(function*(key) {
      begin(key, false)
      const detaching = Effect.andThen(pause(world, 500), detach(key))
      const what = `ADD and detach at once of ${nameOf(key)}`
      yield* Effect.all([observe(world, what, add(key)), observe(world, what, detaching)], { concurrency: "unbounded" })
      release(key)
      yield* settle(key)
    }),
    visit: Effect.fnUntraced(function*(key) {
      begin(key, true)
      const visiting = Effect.flatMap(chainFor(world, key.network), (list) => Cni.attach(list, confOf(key))).pipe(
        inLittleTime,
        Effect.andThen(pause(world, 2000)),
        Effect.tap(() =>
          Effect.sync(() => {
            if (!world.isWhole(key)) {
              tell({ _tag: "Surprise", what: `${nameOf(key)} was touched while its scope was open` })
            }
          })
        ),
        Effect.scoped
      )
      yield* hurry(world, `scoped ADD of ${nameOf(key)}`, visiting)
      release(key)
      tell({ _tag: "Ended", key })
    }),
    probe: Effect.fnUntraced(function*(key) {
      const network = dice.some(plan.networks)?.name ?? key.network
      const what = `ADD to ${network} of ${nameOf(key)}, which is attached`
      const exit = yield* observe(world, what, add({ ...key, network }), isInTheWay)
      if (Exit.isSuccess(exit)) tell({ _tag: "Surprise", what: `${what}: succeeded` })
    }),
    remove: Effect.fnUntraced(function*(key) {
      release(key)
      tell({ _tag: "Deleting", key })
      const deleting = dice.pick<Effect.Effect<void, Failure, Cni | CniServices>>([detach(key), forget(key), del(key)])
      yield* conclude(key, yield* hurry(world, `DEL of ${nameOf(key)}`, deleting))
    }),
    drop: Effect.fnUntraced(function*(key) {
      release(key)
      tell({ _tag: "Unwanted", key })
      yield* pause(world, 2000)
      yield* settle(key)
    })
  }
}

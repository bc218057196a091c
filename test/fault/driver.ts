/** The process that is killed: ADD, DEL and GC of several containers at once, for as long as it lives. */
import { AttachmentKey, Cni, type CniServices } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import { actionsOf } from "./actions.ts"
import { chronicler } from "./chronicle.ts"
import { diceOf } from "./dice.ts"
import { isAllocated } from "./ledger.ts"
import { ledgerTypes } from "./ledgerPlugin.ts"
import { InGc, type Mortal, mortal } from "./mortal.ts"
import { layer } from "./mortalServices.ts"
import { type PlannedContainer, readPlan } from "./plan.ts"
import { standby } from "./standby.ts"
import { chainFor, observe, pause, type World } from "./world.ts"

const plan = readPlan(await standby())
const tell = chronicler(plan.chronicle)
const self = mortal(plan.aim, (seam) => tell({ _tag: "Dying", seam }))
let operations = 0
const world: World = {
  plan,
  dice: diceOf(plan.seed, plan.round, "driver"),
  tell,
  wanted: new Map(plan.live.map((key) => [AttachmentKey.fileName(key), key])),
  isWhole: (key) => plan.networks.some(({ real }) => real !== null) || isAllocated(plan.directory, ledgerTypes, key),
  nextId: () => `${plan.round}-${operations++}`
}

const live = (container: PlannedContainer) => {
  const { dice } = world
  const actions = actionsOf(world, container)
  const { containerId } = container
  const keys = plan.networks.flatMap(({ name: network }) =>
    container.ifNames.map((ifName) => ({ network, containerId, ifName }))
  )
  let mine = plan.live.filter((key) => key.containerId === containerId)

  const lose = (key: AttachmentKey.AttachmentKey) => {
    mine = mine.filter((other) => !AttachmentKey.equals(other, key))
    const ways = [actions.remove, dice.chance(plan.weights.dropping) ? actions.drop : actions.remove] as const
    return dice.pick(ways)(key)
  }

  const gain = Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey) {
    const way = dice.below(10)
    if (way < 3) return yield* actions.visit(key)
    if (way < 4) return yield* actions.cross(key)
    const isUp = yield* way < 5 ? actions.attachTwice(key) : actions.attach(key)
    if (isUp) mine = [...mine, key]
  })

  const step: Effect.Effect<void, never, Cni | CniServices> = Effect.suspend(() => {
    const key = dice.some(mine)
    if (key !== undefined && dice.chance(0.15)) return actions.probe(key)
    if (key !== undefined && (mine.length > 1 || dice.chance(0.4))) return lose(key)
    const free = keys.filter(({ ifName }) => mine.every((other) => other.ifName !== ifName))
    const next = dice.some(free)
    return next === undefined ? Effect.void : gain(next)
  })
  return Effect.forever(Effect.andThen(step, pause(world, 100)))
}

const collect = (self: Mortal) => {
  let collections = 0
  const one = Effect.gen(function*() {
    yield* pause(world, plan.weights.gcPauseMs)
    const network = world.dice.some(plan.networks)?.name ?? ""
    const gc = collections++
    const keep = Effect.sync(() => {
      self.reach("gc: before keep")
      tell({ _tag: "Collecting", network, gc })
      const kept = [...world.wanted.values()].filter((key) => key.network === network)
      self.reach("gc: after keep")
      return kept
    })
    const collecting = Cni.gcNetworkList(yield* chainFor(world, network, plan.weights.gcSeconds), { keep })
    const exit = yield* observe(world, `GC of ${network}`, Effect.provideService(collecting, InGc, true))
    if (exit._tag === "Success") tell({ _tag: "Collected", network, gc })
  })
  return Effect.forever(one)
}

const program = Effect.all([...plan.containers.map(live), collect(self)], { concurrency: "unbounded", discard: true })

await Effect.runPromise(
  Effect.provide(program, layer(self, NodeCni.layer({ pluginPaths: plan.pluginPaths, cacheDir: plan.cacheDir })))
)

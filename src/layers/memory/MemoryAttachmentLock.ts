/** Locks among the fibers of this process only, which also see to it that the order of the locks is kept. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { originOf, type Owner } from "../../domain/attachment/JournalEntry.ts"
import { AttachmentLock, HeldLocks, type LockMode } from "../../services/attachment/AttachmentLock.ts"
import * as FairLock from "../lock/fairLock.ts"
import { waitFor } from "../lock/fairLock.ts"

/** Dies when a lock is asked for by what holds a container: that is the wrong order, or two of one kind. */
export const layer: Layer.Layer<AttachmentLock> = Layer.sync(AttachmentLock, () => {
  const locks = FairLock.make()
  const hold = (queue: string, mode: LockMode, about: { readonly network: string; readonly containerId: string }) =>
    waitFor<never>({
      about,
      givesWay: about.containerId === "" && mode === "exclusive",
      ask: (wait) => locks(queue, mode, wait),
      holders: () => []
    })
  // Another owner is a runtime of `Faults`, which holds a network of its lease's name.
  const isHeld = ({ lease }: Owner) =>
    Effect.map(locks(nameOf(lease), "exclusive", atOnce), (release) => {
      release?.()
      return release === undefined
    })
  return AttachmentLock.of({
    network: (network, mode) =>
      Effect.andThen(inOrder("network"), hold(nameOf(network), mode, { network, containerId: "" })),
    container: (containerId) =>
      Effect.andThen(inOrder("container"), hold(`container ${containerId}`, "exclusive", { network: "", containerId })),
    owner: Effect.succeed(owner),
    isAlive: (other) =>
      Effect.suspend(() => {
        const origin = originOf(other, owner)
        if (origin !== "this boot") return Effect.succeed(origin === "other machine")
        return other.lease === owner.lease ? Effect.succeed(true) : isHeld(other)
      }),
    originOf: (other) => Effect.sync(() => originOf(other, owner)),
    sweep: Effect.void
  })
})

const atOnce: FairLock.Wait = { deadline: -Infinity, restore: (effect) => effect }

const inOrder = (wanted: "network" | "container") =>
  Effect.flatMap(HeldLocks, (held) =>
    held.includes("container")
      ? Effect.die(new Error(`lock order: asked for a ${wanted} while holding ${held.join(", ")}`))
      : Effect.void)

const nameOf = (network: string): string => `network ${network}`

const owner = { pid: 1, startTime: "0", lease: "memory", boot: "memory", machine: "memory" } satisfies Owner

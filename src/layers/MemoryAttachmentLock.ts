/** Locks among the fibers of this process only, which also see to it that the order of the locks is kept. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { LockTimeout } from "../domain/CniError.ts"
import { originOf, type Owner } from "../domain/JournalEntry.ts"
import { AttachmentLock, HeldLocks } from "../services/AttachmentLock.ts"
import { LockWaitLimit } from "../services/Tunables.ts"
import * as FairLock from "./internal/fairLock.ts"

/** Dies when a lock is asked for by what holds a container: that is the wrong order, or two of one kind. */
export const layer: Layer.Layer<AttachmentLock> = Layer.sync(AttachmentLock, () => {
  const { hold } = FairLock.make()
  const waiting = Effect.fnUntraced(function*(
    name: string,
    mode: "shared" | "exclusive",
    about: { readonly network: string; readonly containerId: string }
  ) {
    const limitMs = Duration.toMillis(yield* LockWaitLimit)
    const startedAt = yield* Clock.currentTimeMillis
    if (yield* hold(name, mode, startedAt + limitMs)) return
    const waitedMs = (yield* Clock.currentTimeMillis) - startedAt
    return yield* new LockTimeout({ ...about, waitedMs, holders: [] })
  })
  const inOrder = (wanted: "network" | "container") =>
    Effect.flatMap(HeldLocks, (held) =>
      held.includes("container")
        ? Effect.die(new Error(`lock order: asked for a ${wanted} while holding ${held.join(", ")}`))
        : Effect.void)
  return AttachmentLock.of({
    network: (network, mode) =>
      Effect.andThen(inOrder("network"), waiting(nameOf(network), mode, { network, containerId: "" })),
    container: (containerId) =>
      Effect.andThen(
        inOrder("container"),
        waiting(`container ${containerId}`, "exclusive", { network: "", containerId })
      ),
    owner: Effect.succeed(owner),
    // Another owner is a runtime of `Faults`, which holds a network of its lease's name.
    isAlive: ({ lease }) =>
      lease === owner.lease
        ? Effect.succeed(true)
        : Effect.map(Effect.scoped(hold(nameOf(lease), "exclusive", 0)), (isFree) => !isFree),
    originOf: (other) => Effect.succeed(originOf(other, { boot: "memory", machine: "memory" })),
    sweep: Effect.void
  })
})

const nameOf = (network: string): string => `network ${network}`

const owner: Owner = { pid: 1, startTime: "0", lease: "memory", boot: "memory", machine: "memory" }

/** Locks across processes, as files in `<cacheDir>/effect-cni/locks`: processes that share the cache share its locks. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import { originOf } from "../../domain/attachment/JournalEntry.ts"
import { AttachmentLock, type LockMode } from "../../services/attachment/AttachmentLock.ts"
import { yieldWhenLong } from "../process/eventLoop.ts"
import { commandOf, thisHost } from "../process/processIdentity.ts"
import * as FairLock from "./fairLock.ts"
import { waitFor } from "./fairLock.ts"
import * as Lease from "./lease.ts"
import * as LockDirectory from "./lockDirectory.ts"
import * as LockFile from "./lockFile.ts"
import { holdersOf } from "./lockFile.ts"

/**
 * Locks of the kernel, which SQLite takes, below fair queues of this process. An operation that asks for a network first
 * passes its gate. A GC that waits keeps the gate shut, so that it is not starved, and opens it now and then, so that it
 * does not hold up the others as long as one that hangs. Without SQLite, or on a file system without locks, operations of
 * this process alone are kept apart, and a warning says so.
 */
export const layer = (cacheDir: string): Layer.Layer<AttachmentLock> =>
  Layer.effect(
    AttachmentLock,
    Effect.suspend(() => make(LockDirectory.make(Path.join(cacheDir, "effect-cni", "locks"), LockFile.available())))
  )

const make = Effect.fnUntraced(function*(files: LockDirectory.LockDirectory) {
  const fibers = FairLock.make()
  const networks = LockDirectory.networkLocks(files, fibers)
  const { isAlive, owner } = Lease.make(files, yield* Effect.scope)
  if (files.isAlone()) yield* Effect.logWarning(`this runtime has no node:sqlite. ${LockDirectory.aloneMeans}`)

  const network = (network: string, mode: LockMode) =>
    waitFor({
      about: { network, containerId: "" },
      givesWay: mode === "exclusive",
      ask: queued(fibers, `network ${network}`, mode, (wait) => networks(network, mode, wait)),
      holders: () => holdersNamed(files.fileOf("network", network))
    })

  const container = (containerId: string) => {
    const file = files.fileOf("container", containerId)
    const poll = (wait: FairLock.Wait) => Effect.map(files.poll(file, "exclusive", wait), (held) => held?.remove)
    return waitFor({
      about: { network: "", containerId },
      givesWay: false,
      ask: queued(fibers, `container ${containerId}`, "exclusive", poll),
      holders: () => holdersNamed(file)
    })
  }

  return AttachmentLock.of({
    // Every operation begins here.
    network: (name, mode) => Effect.andThen(yieldWhenLong, network(name, mode)),
    container,
    owner,
    isAlive,
    originOf: (owner) => Effect.sync(() => originOf(owner, thisHost())),
    sweep: files.sweep
  })
})

/** Asks for a lock of the kernel once it is had among the fibers of this process. */
const queued = <E>(
  fibers: FairLock.FairLocks,
  queue: string,
  mode: LockMode,
  poll: (wait: FairLock.Wait) => Effect.Effect<FairLock.Release | undefined, E>
) =>
  Effect.fnUntraced(function*(wait: FairLock.Wait) {
    const leave = yield* fibers(queue, mode, wait)
    if (leave === undefined) return undefined
    const release = yield* Effect.onError(poll(wait), () => Effect.sync(leave))
    if (release === undefined) leave()
    return release && bothOf(release, leave)
  })

const bothOf = (first: FairLock.Release, second: FairLock.Release): FairLock.Release => () => {
  try {
    first()
  } finally {
    second()
  }
}

const holdersNamed = (file: string) => holdersOf(file).map((pid) => ({ pid, command: commandOf(pid) }))

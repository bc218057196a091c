/** Locks across processes, as files in `<cacheDir>/effect-cni/locks`: processes that share the cache share its locks. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Path from "node:path"
import { originOf } from "../../domain/attachment/JournalEntry.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { AttachmentLock, type LockError, type LockMode } from "../../services/attachment/AttachmentLock.ts"
import { yieldWhenLong } from "../eventLoop/yieldWhenLong.ts"
import { thisHost } from "../process/hostIdentity.ts"
import { commandOf } from "../process/processIdentity.ts"
import * as FairLock from "./fairLock.ts"
import * as Lease from "./lease.ts"
import * as LockDirectory from "./lockDirectory.ts"
import * as LockFile from "./lockFile.ts"
import { holdersOf } from "./lockHolders.ts"
import { waitFor } from "./lockWait.ts"
import * as NetworkLocks from "./networkLocks.ts"

/**
 * Locks of the kernel, which SQLite takes, below fair queues of this process. An operation that asks for a network first
 * passes its gate. A GC that waits keeps the gate shut, so that it is not starved, and opens it now and then, so that it
 * does not hold up the others as long as one that hangs. Without SQLite, or on a file system without locks, operations of
 * this process alone are kept apart, and a warning says so.
 */
export const layer = (cacheDir: string): Layer.Layer<AttachmentLock> =>
  Layer.effect(
    AttachmentLock,
    Effect.suspend(() => make(Path.join(cacheDir, "effect-cni", "locks"), LockFile.open()))
  )

const make = Effect.fnUntraced(function*(directory: string, locks: LockFile.LockFiles | undefined) {
  const scope = yield* Effect.scope
  if (locks !== undefined) yield* Scope.addFinalizer(scope, Effect.sync(locks.close))
  const fibers = FairLock.make()
  const files = LockDirectory.make(directory, locks)
  const networks = NetworkLocks.make(files, fibers)
  const { isAlive, owner } = Lease.make(files, scope)
  if (files.isAlone()) yield* Effect.logWarning(`this runtime has no node:sqlite. ${LockDirectory.aloneMeans}`)

  const networkLock = (network: string, mode: LockMode): Wanted => ({
    queue: `network ${network}`,
    mode,
    givesWay: mode === "exclusive",
    about: { network, containerId: "" },
    file: files.fileOf("network", network),
    tryNow: () => networks.tryNow(network, mode),
    poll: (wait) => networks.poll(network, mode, wait)
  })

  const containerLock = (containerId: string): Wanted => {
    const file = files.fileOf("container", containerId)
    const releaseOf = (held: LockFile.HeldFile | undefined) => held?.remove
    return {
      queue: `container ${containerId}`,
      mode: "exclusive",
      givesWay: false,
      about: { network: "", containerId },
      file,
      tryNow: () => releaseOf(files.tryNow(file, "exclusive")),
      poll: (wait) => Effect.map(files.poll(file, "exclusive", wait), releaseOf)
    }
  }

  const hold = (wanted: Wanted): Effect.Effect<void, LockError, Scope.Scope> =>
    Effect.uninterruptibleMask((restore) => {
      const release = holdNow(fibers, wanted)
      return release === undefined
        ? restore(
          waitFor({ ...wanted, ask: (wait) => ask(fibers, wanted, wait), holders: () => holdersOfFile(wanted) })
        )
        : Effect.addFinalizer(() => Effect.sync(release))
    })

  return AttachmentLock.of({
    // Every operation begins here.
    network: (network, mode) => Effect.andThen(yieldWhenLong, hold(networkLock(network, mode))),
    container: (containerId) => hold(containerLock(containerId)),
    owner,
    isAlive,
    originOf: (owner) => Effect.sync(() => originOf(owner, thisHost())),
    sweep: files.sweep
  })
})

/** A lock that an operation wants: first among the fibers of this process, then of the kernel. */
interface Wanted {
  readonly queue: string
  readonly mode: LockMode
  readonly givesWay: boolean
  readonly about: { readonly network: string; readonly containerId: string }
  /** An error names its holders. */
  readonly file: string
  readonly tryNow: () => FairLock.Release | undefined
  readonly poll: (wait: FairLock.Wait) => Effect.Effect<FairLock.Release | undefined, CacheIoError>
}

const holdNow = (fibers: FairLock.FairLocks, { mode, queue, tryNow }: Wanted): FairLock.Release | undefined => {
  const leave = fibers.take(queue, mode)
  if (leave === undefined) return undefined
  let release: FairLock.Release | undefined
  try {
    release = tryNow()
  } finally {
    if (release === undefined) leave()
  }
  return release && bothOf(release, leave)
}

const ask = Effect.fnUntraced(
  function*(fibers: FairLock.FairLocks, { mode, poll, queue }: Wanted, wait: FairLock.Wait) {
    const leave = yield* fibers.wait(queue, mode, wait)
    if (leave === undefined) return undefined
    const release = yield* Effect.onError(poll(wait), () => Effect.sync(leave))
    if (release === undefined) leave()
    return release && bothOf(release, leave)
  }
)

const bothOf = (first: FairLock.Release, second: FairLock.Release): FairLock.Release => () => {
  try {
    first()
  } finally {
    second()
  }
}

const holdersOfFile = ({ file }: Wanted) => holdersOf(file).map((pid) => ({ pid, command: commandOf(pid) }))

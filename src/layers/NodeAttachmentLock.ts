/** Locks across processes, as files in `<cacheDir>/effect-cni/locks`: whoever shares the cache shares its locks. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Path from "node:path"
import { type CacheIoError, LockTimeout } from "../domain/CniError.ts"
import { originOf } from "../domain/JournalEntry.ts"
import { AttachmentLock, type LockError, type LockMode } from "../services/AttachmentLock.ts"
import { LockWaitLimit } from "../services/Tunables.ts"
import * as FairLock from "./internal/fairLock.ts"
import { bootId, machineId } from "./internal/hostIdentity.ts"
import * as Lease from "./internal/lease.ts"
import * as LockDirectory from "./internal/lockDirectory.ts"
import * as LockFile from "./internal/lockFile.ts"
import { holdersOf } from "./internal/lockHolders.ts"
import * as NetworkLocks from "./internal/networkLocks.ts"
import { commandOf } from "./internal/processIdentity.ts"
import { makeWay } from "./internal/turn.ts"

/** How the kernel is asked; see `layer`. */
export interface Options {
  readonly by?: LockFile.LockedBy
}

/**
 * Locks of the kernel below fair queues of this process. An operation that asks for a network first passes its gate, which
 * a GC that waits keeps shut, so that it is not starved. Without koffi and SQLite, or on a file system without locks,
 * operations of this process alone are kept apart, and a warning says so.
 *
 * `by` says who asks the kernel: `"sqlite"`, which is part of Node, or `"fcntl"`, the C library by way of koffi, which is
 * faster; where that is not installed or does not work, it is SQLite. Both take the same locks, so that processes with
 * and without koffi can share a cache; the threads of one process must not differ, and by default they do not.
 */
export const layer = (cacheDir: string, { by }: Options = {}): Layer.Layer<AttachmentLock> =>
  Layer.effect(
    AttachmentLock,
    Effect.flatMap(
      Effect.promise(() => LockFile.open(by)),
      (locks) => make(Path.join(cacheDir, "effect-cni", "locks"), locks)
    )
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
    about: { network, containerId: "" },
    file: files.fileOf("network", network),
    tryNow: () => networks.tryNow(network, mode),
    poll: (wait) => networks.poll(network, mode, wait)
  })

  const containerLock = (containerId: string): Wanted => {
    const file = files.fileOf("container", containerId)
    const releaseOf = (held: LockFile.HeldFile | undefined) => held && (() => held.release("reuse"))
    return {
      queue: `container ${containerId}`,
      mode: "exclusive",
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
        ? restore(waitFor(fibers, wanted))
        : Effect.addFinalizer(() => Effect.sync(release))
    })

  return AttachmentLock.of({
    // Every operation begins here.
    network: (network, mode) => Effect.andThen(makeWay, hold(networkLock(network, mode))),
    container: (containerId) => hold(containerLock(containerId)),
    owner,
    isAlive,
    originOf: (owner) => Effect.sync(() => originOf(owner, { boot: bootId(), machine: machineId() })),
    sweep: files.sweep
  })
})

/** A lock that somebody wants: first among the fibers of this process, then of the kernel. */
interface Wanted {
  readonly queue: string
  readonly mode: LockMode
  readonly about: { readonly network: string; readonly containerId: string }
  /** Whose holders an error tells. */
  readonly file: string
  readonly tryNow: () => FairLock.Release | undefined
  readonly poll: (wait: LockDirectory.Wait) => Effect.Effect<FairLock.Release | undefined, CacheIoError>
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

const bothOf = (first: FairLock.Release, second: FairLock.Release): FairLock.Release => () => {
  try {
    first()
  } finally {
    second()
  }
}

const waitFor = Effect.fnUntraced(function*(fibers: FairLock.FairLocks, { about, file, mode, poll, queue }: Wanted) {
  const startedAt = yield* Clock.currentTimeMillis
  const deadline = startedAt + Duration.toMillis(yield* LockWaitLimit)
  const isHeld = yield* Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    if (!(yield* restore(fibers.hold(queue, mode, deadline)))) return false
    const release = yield* poll({ deadline, restore })
    if (release === undefined) return false
    yield* Effect.addFinalizer(() => Effect.sync(release))
    return true
  }))
  if (isHeld) return
  const waitedMs = (yield* Clock.currentTimeMillis) - startedAt
  const holders = holdersOf(file).map((pid) => ({ pid, command: commandOf(pid) }))
  return yield* new LockTimeout({ ...about, waitedMs, holders })
})

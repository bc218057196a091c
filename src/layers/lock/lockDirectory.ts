/**
 * The lock files of a directory, and the locks of networks in them. On a file system without locks, the operations of this
 * process alone are kept apart.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { orElse } from "../../domain/errors/SystemError.ts"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { madeIfMissing } from "../files/privateDirectory.ts"
import { ioErrorOf } from "../files/systemErrors.ts"
import type { FairLocks, Release, Wait } from "./fairLock.ts"
import { type HeldFile, isWithoutLocks, type TryLock } from "./lockFile.ts"

/** What a lock can be of. */
export type Kind = "gate" | "network" | "container" | "lease"

export interface LockDirectory {
  readonly fileOf: (kind: Kind, name: string) => string
  /** Whether nothing is locked, since the system has no locks for us. */
  readonly isAlone: () => boolean
  /** To be run uninterruptibly. */
  readonly attempt: (file: string, mode: LockMode) => Effect.Effect<HeldFile | undefined, CacheIoError>
  /** To be run uninterruptibly: only the pauses are not, so that no lock is lost between two steps. */
  readonly poll: (file: string, mode: LockMode, wait: Wait) => Effect.Effect<HeldFile | undefined, CacheIoError>
  /** Removes the files that no process holds. */
  readonly sweep: Effect.Effect<void, CacheIoError>
}

/** Without `tryLock` this process is alone from the start. */
export const make = (directory: string, tryLock: TryLock | undefined): LockDirectory => {
  let isAlone = tryLock === undefined

  const goAlone = Effect.suspend(() => {
    if (isAlone) return Effect.void
    isAlone = true
    return Effect.logWarning(`${directory}: this file system has no locks. ${aloneMeans}`)
  })

  const attempt: LockDirectory["attempt"] = (file, mode) =>
    Effect.suspend(() => {
      if (isAlone || tryLock === undefined) return Effect.succeed(noFile)
      try {
        return Effect.succeed(madeIfMissing([directory], () => tryLock(file, mode)))
      } catch (error) {
        return isWithoutLocks(error) ? Effect.as(goAlone, noFile) : Effect.fail(ioErrorOf("lock", file, error))
      }
    })

  return {
    fileOf: (kind, name) => `${directory}${Path.sep}${kind}-${kind === "lease" ? name : digestOf(name)}`,
    isAlone: () => isAlone,
    attempt,
    poll: (file, mode, wait) => poll(attempt(file, mode), wait),
    sweep: sweep(directory, attempt)
  }
}

/** What it means that nothing is locked. */
export const aloneMeans = "Operations of other processes on the same containers are not kept apart from ours"

const noFile: HeldFile = { release: () => {}, remove: () => {} }

const digestOf = (name: string): string => Crypto.hash("sha256", name).slice(0, 32)

const poll = Effect.fnUntraced(function*(
  attempt: ReturnType<LockDirectory["attempt"]>,
  { deadline, restore }: Wait
) {
  for (let pauseMs = 2;; pauseMs = Math.min(pauseMs * 2, 20)) {
    const held = yield* attempt
    if (held !== undefined) return held
    const leftMs = deadline - (yield* monotonicMillis)
    if (leftMs <= 0) return undefined
    yield* restore(Effect.sleep(Math.min(leftMs, pauseMs * (0.5 + (yield* Random.next)))))
  }
})

const sweep = Effect.fnUntraced(function*(directory: string, attempt: LockDirectory["attempt"]) {
  for (
    const name of orElse<ReadonlyArray<string>>([], () => Fs.readdirSync(directory)).filter((name) =>
      isLockFile.test(name)
    )
  ) {
    const removed = Effect.map(attempt(Path.join(directory, name), "exclusive"), (held) => held?.remove())
    // An operation that needs what is no file is told so; what else there is can be swept all the same.
    yield* Effect.catchIf(Effect.uninterruptible(removed), isNoFile, () => Effect.void)
  }
})

const isNoFile = ({ reason }: CacheIoError): boolean => reason === "NotRegular" || reason === "EISDIR"

const isLockFile = /^(?:(?:gate|network|container)-[\da-f]{32}|lease-[\da-f-]{36})$/

/** For operations that hold the network among the fibers of this process. To be run uninterruptibly. */
export type NetworkLocks = (
  network: string,
  mode: LockMode,
  wait: Wait
) => Effect.Effect<Release | undefined, CacheIoError>

/**
 * An operation that asks for a network first passes its gate, which a GC that waits keeps shut, so that it is not starved;
 * the kernel is asked once for all operations of this process that share a network. `fibers` lets the fibers of this process
 * that want one network ask one after the other.
 */
export const networkLocks = (files: LockDirectory, fibers: FairLocks): NetworkLocks => {
  const shared = new Map<string, Shared>()
  return Effect.fnUntraced(function*(network, mode, { deadline, letsPass = false, restore }) {
    // To wait is to keep others from passing the gate.
    const wait = { deadline: letsPass ? -Infinity : deadline, restore }
    const leave = yield* fibers(`kernel ${network}`, "exclusive", wait)
    if (leave === undefined) return undefined
    return yield* Effect.ensuring(passGate(files, shared, network, mode, wait), Effect.sync(leave))
  })
}

/** The kernel's lock of a network, for the operations of this process that share it. */
interface Shared {
  count: number
  readonly release: Release
}

const passGate = Effect.fnUntraced(function*(
  files: LockDirectory,
  shared: Map<string, Shared>,
  network: string,
  mode: LockMode,
  wait: Wait
) {
  const gate = yield* files.poll(files.fileOf("gate", network), mode, wait)
  if (gate === undefined) return undefined
  const holders = mode === "shared" ? shared.get(network) : undefined
  const release = holders ? share(shared, network, holders) : yield* files
    .poll(files.fileOf("network", network), mode, wait).pipe(
      Effect.onError(() => Effect.sync(gate.release)),
      Effect.map((held) => held && (mode === "exclusive" ? held.release : shareAnew(shared, network, held)))
    )
  leaveGate(gate, release)
  return release
})

const shareAnew = (shared: Map<string, Shared>, network: string, { release }: HeldFile): Release => {
  const holders = { count: 0, release }
  shared.set(network, holders)
  return share(shared, network, holders)
}

const share = (shared: Map<string, Shared>, network: string, holders: Shared): Release => {
  holders.count++
  return () => {
    if (--holders.count > 0) return
    shared.delete(network)
    holders.release()
  }
}

// A gate that cannot be let go of is a defect, for which the network behind it must not stay locked.
const leaveGate = (gate: HeldFile, release: Release | undefined): void => {
  try {
    gate.release()
  } catch (error) {
    release?.()
    throw error
  }
}

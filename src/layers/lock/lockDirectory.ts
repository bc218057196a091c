/** The lock files of a directory. On a file system without locks, the operations of this process alone are kept apart. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { madeIfMissing } from "../files/directories.ts"
import { assertRegular } from "../files/regularFile.ts"
import { ioErrorOf } from "../files/systemErrors.ts"
import type { Wait } from "./fairLock.ts"
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
        assertRegular(file)
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
  for (const name of namesIn(directory).filter((name) => isLockFile.test(name))) {
    const removed = Effect.map(attempt(Path.join(directory, name), "exclusive"), (held) => held?.remove())
    // An operation that needs what is no file is told so; what else there is can be swept all the same.
    yield* Effect.catchIf(Effect.uninterruptible(removed), isNoFile, () => Effect.void)
  }
})

const isNoFile = ({ reason }: CacheIoError): boolean => reason === "NotRegular" || reason === "EISDIR"

const isLockFile = /^(?:(?:gate|network|container)-[\da-f]{32}|lease-[\da-f-]{36})$/

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory)
  } catch {
    return []
  }
}

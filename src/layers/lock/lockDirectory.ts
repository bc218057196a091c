/** The lock files of a directory: had at once, or waited for. Where there can be none, this process is alone. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { makeDirectory } from "../files/directories.ts"
import { codeOf } from "../files/errno.ts"
import { assertRegular } from "../files/regularFile.ts"
import { ioErrorOf } from "../files/systemErrors.ts"
import type { Wait } from "./fairLock.ts"
import * as LockFile from "./lockFile.ts"

/** What a lock can be of. */
export type Kind = "gate" | "network" | "container" | "lease"

export interface LockDirectory {
  readonly fileOf: (kind: Kind, name: string) => string
  /** Whether nothing is locked, since the system has no locks for us. */
  readonly isAlone: () => boolean
  /** What nobody else wants, which is the rule, is had without waiting; errors are for those who wait. */
  readonly tryNow: (file: string, mode: LockMode) => LockFile.HeldFile | undefined
  /** To be run uninterruptibly. */
  readonly attempt: (file: string, mode: LockMode) => Effect.Effect<LockFile.HeldFile | undefined, CacheIoError>
  /** To be run uninterruptibly: only the pauses are not, so that no lock is lost between two steps. */
  readonly poll: (
    file: string,
    mode: LockMode,
    wait: Wait
  ) => Effect.Effect<LockFile.HeldFile | undefined, CacheIoError>
  /** Removes the files that nobody holds. */
  readonly sweep: Effect.Effect<void, CacheIoError>
}

/** Without `locks` this process is alone from the start. */
export const make = (directory: string, locks: LockFile.LockFiles | undefined): LockDirectory => {
  let isAlone = locks === undefined

  const goAlone = Effect.suspend(() => {
    if (isAlone) return Effect.void
    isAlone = true
    return Effect.logWarning(`${directory}: this file system has no locks. ${aloneMeans}`)
  })

  const tryLock = (file: string, mode: LockMode): LockFile.HeldFile | undefined => {
    if (isAlone || locks === undefined) return noFile
    assertRegular(file)
    try {
      return locks.tryLock(file, mode)
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error
      makeDirectory(directory)
      return locks.tryLock(file, mode)
    }
  }

  const attempt: LockDirectory["attempt"] = (file, mode) =>
    Effect.suspend(() => {
      try {
        return Effect.succeed(tryLock(file, mode))
      } catch (error) {
        return LockFile.isWithoutLocks(error)
          ? Effect.as(goAlone, noFile)
          : Effect.fail(ioErrorOf("lock", file, error))
      }
    })

  return {
    fileOf: (kind, name) => `${directory}${Path.sep}${kind}-${kind === "lease" ? name : digest(name)}`,
    isAlone: () => isAlone,
    attempt,
    tryNow: (file, mode) => {
      try {
        return tryLock(file, mode)
      } catch {
        return undefined
      }
    },
    poll: Effect.fnUntraced(function*(file, mode, { deadline, restore }) {
      for (let pauseMs = 2;; pauseMs = Math.min(pauseMs * 2, 20)) {
        const held = yield* attempt(file, mode)
        if (held !== undefined) return held
        const leftMs = deadline - (yield* monotonicMillis)
        if (leftMs <= 0) return undefined
        yield* restore(Effect.sleep(Math.min(leftMs, pauseMs * (0.5 + (yield* Random.next)))))
      }
    }),
    sweep: Effect.gen(function*() {
      for (const name of namesIn(directory).filter((name) => isLockFile.test(name))) {
        const removed = Effect.map(attempt(Path.join(directory, name), "exclusive"), (held) => held?.remove())
        // An operation that needs what is no file is told so; what else there is can be swept all the same.
        yield* Effect.catchIf(Effect.uninterruptible(removed), isNoFile, () => Effect.void)
      }
    })
  }
}

/** What it means that nothing is locked. */
export const aloneMeans = "Operations of other processes on the same containers are not kept apart from ours"

const noFile: LockFile.HeldFile = { release: () => {}, close: () => {}, remove: () => {} }

const isNoFile = ({ reason }: CacheIoError): boolean => reason === "NotRegular" || reason === "EISDIR"

const isLockFile = /^(?:(?:gate|network|container)-[\da-f]{32}|lease-[\da-f-]{36})$/

// The same networks are locked again and again.
const digest = (name: string): string => {
  const known = digests.get(name)
  if (known !== undefined) return known
  if (digests.size >= 256) digests.clear()
  const made = Crypto.hash("sha256", name).slice(0, 32)
  digests.set(name, made)
  return made
}

const digests = new Map<string, string>()

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory)
  } catch {
    return []
  }
}

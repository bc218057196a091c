/** A lock that a runtime holds until it ends, however it ends, so that other processes can see whether it is alive. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import { originOf, type Owner } from "../../domain/attachment/JournalEntry.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { identify } from "../files/openFile.ts"
import { ancestorsOf, bootId, isRunning, machineId, startTimeOf, thisHost } from "../process/processIdentity.ts"
import type { LockDirectory } from "./lockDirectory.ts"

export interface Lease {
  /** This runtime, with its lease, which is taken when it is asked for first, and held until the scope closes. */
  readonly owner: Effect.Effect<Owner, CacheIoError>
  readonly isAlive: (owner: Owner) => Effect.Effect<boolean, CacheIoError>
}

export const make = (files: LockDirectory, scope: Scope.Scope): Lease => {
  let taken: string | undefined
  return {
    owner: Effect.gen(function*() {
      const lease = taken ?? (yield* take(files, scope))
      taken ??= lease
      const boot = bootId()
      const machine = machineId()
      return {
        ...thisProcess(),
        lease: taken,
        ...(boot !== undefined && { boot }),
        ...(machine !== undefined && { machine })
      }
    }).pipe(Effect.uninterruptible),
    isAlive: Effect.fnUntraced(function*(owner) {
      if (owner.lease === taken) return true
      const origin = originOf(owner, thisHost())
      if (origin !== "this boot") return origin === "other machine"
      return !ended.has(owner.lease) && (yield* isHeld(files, owner))
    })
  }
}

/** The leases of this process that were given up: their files are gone, and the process is alive. */
const ended = new Set<string>()

const take = Effect.fnUntraced(function*(files: LockDirectory, scope: Scope.Scope) {
  const id = Crypto.randomUUID()
  const file = files.fileOf("lease", id)
  // A process that sweeps may have it for a moment.
  let held = yield* files.attempt(file, "exclusive")
  for (; held === undefined; held = yield* files.attempt(file, "exclusive")) yield* Effect.yieldNow
  const { remove } = held
  const lease = `${id}.${identify(file)?.inode ?? 0}`
  const touching = setInterval(() => touch(file), touchEveryMs).unref()
  const end = Effect.sync(() => {
    clearInterval(touching)
    ended.add(lease)
    remove()
  })
  yield* Scope.addFinalizer(scope, end)
  return lease
})

// A cleaner of old files goes by their times.
const touchEveryMs = 60 * 60 * 1000

const touch = (file: string): void => {
  const now = new Date()
  Fs.utimes(file, now, now, () => {})
}

let self: Pick<Owner, "pid" | "startTime" | "ancestors"> | undefined

// What cannot be read, as where there are no more descriptors, is read the next time.
const thisProcess = () => {
  if (self !== undefined) return self
  const { pid } = process
  const found = { pid, startTime: startTimeOf(pid), ancestors: ancestorsOf(pid) }
  if (found.startTime !== "") self = found
  return found
}

const isHeld = Effect.fnUntraced(function*(files: LockDirectory, { lease, pid, startTime }: Owner) {
  const file = files.isAlone() ? undefined : fileOf(files, lease)
  if (file === undefined) return isRunning(pid, startTime)
  // Shared, so that two processes that look do not take each other for the owner. One that sweeps has it for a moment.
  const deadline = (yield* monotonicMillis) + (isRunning(pid, startTime) ? 0 : 50)
  const held = yield* files.poll(file, "shared", { deadline, restore: (effect) => effect })
  // At once: a process that was forked is told by the lease of its runtime, which it has open.
  held?.release()
  return held === undefined
})

// A lease names its file and the inode of that: a file that was put in its place has another inode.
const fileOf = (files: LockDirectory, lease: string): string | undefined => {
  const [, id, inode] = /^([\da-f-]{36})\.(\d+)$/.exec(lease) ?? []
  const file = id && files.fileOf("lease", id)
  return file !== undefined && identify(file)?.inode === inode ? file : undefined
}

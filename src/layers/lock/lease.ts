/** A lock that a runtime holds until it ends, however it ends, so that others can see whether it is alive. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import { originOf, type Owner } from "../../domain/attachment/JournalEntry.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { bootId, machineId, thisHost } from "../process/hostIdentity.ts"
import { ancestorsOf, isRunning, startTimeOf } from "../process/processIdentity.ts"
import type { LockDirectory } from "./lockDirectory.ts"

export interface Lease {
  /** Who we are; the lease is taken when that is asked for the first time, and held until the scope closes. */
  readonly owner: Effect.Effect<Owner, CacheIoError>
  readonly isAlive: (owner: Owner) => Effect.Effect<boolean, CacheIoError>
}

export const make = (files: LockDirectory, scope: Scope.Scope): Lease => {
  let taken: string | undefined

  // As others can tell from its file: one that was put in its place has another inode.
  const fileOf = (lease: string): string | undefined => {
    const [, id, inode] = isLease.exec(lease) ?? []
    const file = id && files.fileOf("lease", id)
    return file !== undefined && inodeOf(file) === inode ? file : undefined
  }

  const take = Effect.uninterruptible(Effect.gen(function*() {
    if (taken !== undefined) return taken
    const id = Crypto.randomUUID()
    const file = files.fileOf("lease", id)
    // A process that sweeps may have it for a moment.
    let held = yield* files.attempt(file, "exclusive")
    for (; held === undefined; held = yield* files.attempt(file, "exclusive")) yield* Effect.yieldNow
    const { remove } = held
    const lease = `${id}.${inodeOf(file) ?? 0}`
    const touching = setInterval(() => touch(file), touchEveryMs).unref()
    yield* Scope.addFinalizer(
      scope,
      Effect.sync(() => {
        clearInterval(touching)
        ended.add(lease)
        remove()
      })
    )
    return taken ??= lease
  }))

  return {
    owner: Effect.map(take, (lease) => {
      const boot = bootId()
      const machine = machineId()
      return { ...thisProcess(), lease, ...(boot !== undefined && { boot }), ...(machine !== undefined && { machine }) }
    }),
    isAlive: Effect.fnUntraced(function*(owner) {
      const { lease, pid, startTime } = owner
      if (lease === taken) return true
      const origin = originOf(owner, thisHost())
      if (origin !== "this boot") return origin === "other machine"
      if (ended.has(lease)) return false
      const file = files.isAlone() ? undefined : fileOf(lease)
      if (file === undefined) return isRunning(pid, startTime)
      // Shared, so that two processes that look do not take each other for the owner. One that sweeps has it for a moment.
      const deadline = (yield* monotonicMillis) + (isRunning(pid, startTime) ? 0 : 50)
      const held = yield* files.poll(file, "shared", { deadline, restore: (effect) => effect })
      // Not kept open: a process that was forked is told by the lease of its runtime, which it has open.
      held?.close()
      return held === undefined
    })
  }
}

// A lease names its file and the inode of that.
const isLease = /^([\da-f-]{36})\.(\d+)$/

/** The leases of this process that were given up: their files are gone, and the process is alive. */
const ended = new Set<string>()

let self: Pick<Owner, "pid" | "startTime" | "ancestors"> | undefined

// What cannot be read, for want of descriptors, is read the next time.
const thisProcess = () => {
  if (self !== undefined) return self
  const { pid } = process
  const found = { pid, startTime: startTimeOf(pid), ancestors: ancestorsOf(pid) }
  if (found.startTime !== "") self = found
  return found
}

const inodeOf = (file: string): string | undefined =>
  Fs.statSync(file, { bigint: true, throwIfNoEntry: false })?.ino.toString()

// A cleaner of old files goes by their times.
const touchEveryMs = 60 * 60 * 1000

const touch = (file: string): void => {
  const now = new Date()
  Fs.utimes(file, now, now, () => {})
}

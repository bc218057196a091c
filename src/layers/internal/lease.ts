/** By what others can tell whether a runtime is still there: a lock that it holds until it ends, however it ends. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import type { CacheIoError } from "../../domain/CniError.ts"
import type { Owner } from "../../domain/JournalEntry.ts"
import { bootId, machineId } from "./hostIdentity.ts"
import type { LockDirectory } from "./lockDirectory.ts"
import { isRunning, startTimeOf } from "./processIdentity.ts"

export interface Lease {
  /** Who we are; the lease is taken when that is asked for the first time, and held until the scope closes. */
  readonly owner: Effect.Effect<Owner, CacheIoError>
  readonly isAlive: (owner: Owner) => Effect.Effect<boolean, CacheIoError>
}

export const make = (files: LockDirectory, scope: Scope.Scope): Lease => {
  let owner: Owner | undefined

  return {
    owner: Effect.uninterruptible(Effect.gen(function*() {
      if (owner !== undefined) return owner
      const boot = bootId()
      const machine = machineId()
      const identity: Owner = {
        pid: process.pid,
        startTime: startTimeOf(process.pid),
        lease: Crypto.randomUUID(),
        ...(boot !== undefined && { boot }),
        ...(machine !== undefined && { machine })
      }
      const file = files.fileOf("lease", identity.lease)
      // Whoever sweeps may have it for a moment.
      let held = yield* files.attempt(file, "exclusive")
      for (; held === undefined; held = yield* files.attempt(file, "exclusive")) yield* Effect.yieldNow
      const { release } = held
      yield* Scope.addFinalizer(scope, Effect.sync(() => release("remove")))
      return owner ??= identity
    })),
    isAlive: Effect.fnUntraced(function*({ lease, pid, startTime }) {
      if (lease === owner?.lease) return true
      if (files.isAlone()) return isRunning(pid, startTime)
      const file = files.fileOf("lease", lease)
      if (!isLease.test(lease) || !Fs.existsSync(file)) return false
      // Shared, so that two who look do not take each other for the owner; who sweeps has it for a moment only.
      const deadline = (yield* Clock.currentTimeMillis) + (isRunning(pid, startTime) ? 0 : 50)
      const held = yield* files.poll(file, "shared", { deadline, restore: (effect) => effect })
      held?.release("close")
      return held === undefined
    })
  }
}

const isLease = /^[\da-f-]{36}$/

/** Locks across processes, as files in `<cacheDir>/effect-cni/locks`: whoever shares the cache shares its locks. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type CacheIoError, LockTimeout } from "../domain/CniError.ts"
import type { Owner } from "../domain/JournalEntry.ts"
import { AttachmentLock, type LockError, type LockMode } from "../services/AttachmentLock.ts"
import { LockWaitLimit } from "../services/Tunables.ts"
import * as FairLock from "./internal/fairLock.ts"
import { ioErrorOf } from "./internal/ioError.ts"
import * as LockFile from "./internal/lockFile.ts"
import { holdersOf } from "./internal/lockHolders.ts"
import { makeDirectory } from "./internal/makeDirectory.ts"
import { commandOf, isRunning, startTimeOf } from "./internal/processIdentity.ts"
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
      (files) => make(Path.join(cacheDir, "effect-cni", "locks"), files)
    )
  )

const make = Effect.fnUntraced(function*(
  directory: string,
  files: LockFile.LockFiles | undefined
) {
  const { hold, take } = FairLock.make()
  const scope = yield* Effect.scope
  if (files !== undefined) yield* Scope.addFinalizer(scope, Effect.sync(files.close))
  const fileOf = (kind: string, name: string) => `${directory}${Path.sep}${kind}-${digest(name)}`
  const shared = new Map<string, Shared>()
  let isAlone = files === undefined
  let owner: Owner | undefined

  const goAlone = (why: string) =>
    Effect.suspend(() => {
      if (isAlone) return Effect.void
      isAlone = true
      return Effect.logWarning(`${directory}: ${why}. ${aloneMeans}`)
    })

  const attempt = (file: string, mode: LockMode): Effect.Effect<LockFile.HeldFile | undefined, CacheIoError> =>
    Effect.suspend(() => {
      if (isAlone || files === undefined) return Effect.succeed(noFile)
      try {
        return Effect.succeed(tryLockIn(files, directory, file, mode))
      } catch (error) {
        return LockFile.isWithoutLocks(error)
          ? Effect.as(goAlone("this file system has no locks"), noFile)
          : Effect.fail(ioErrorOf("lock", file, error))
      }
    })

  // To be run uninterruptibly: only the pauses are not, so that no lock is lost between two steps.
  const poll = Effect.fnUntraced(function*(file: string, mode: LockMode, { deadline, restore }: Wait) {
    for (let pauseMs = 2;; pauseMs = Math.min(pauseMs * 2, 20)) {
      const held = yield* attempt(file, mode)
      if (held !== undefined) return held
      const leftMs = deadline - (yield* Clock.currentTimeMillis)
      if (leftMs <= 0) return undefined
      yield* restore(Effect.sleep(Math.min(leftMs, pauseMs * (0.5 + (yield* Random.next)))))
    }
  })

  const enterNetwork = Effect.fnUntraced(function*(network: string, mode: LockMode, wait: Wait) {
    const gate = yield* poll(fileOf("gate", network), mode, wait)
    if (gate === undefined) return undefined
    return yield* Effect.ensuring(
      mode === "exclusive" ? poll(fileOf("network", network), mode, wait) : share(network, wait),
      Effect.sync(() => gate.release("keep open"))
    )
  })

  const share = Effect.fnUntraced(function*(network: string, wait: Wait) {
    const held = shared.get(network) ?? (yield* poll(fileOf("network", network), "shared", wait))
    return held && sharing(network, held)
  })

  // The kernel is asked once for all that share.
  const sharing = (network: string, held: Shared | LockFile.HeldFile): LockFile.HeldFile => {
    const holders = "count" in held ? held : { count: 0, release: () => held.release("keep open") }
    shared.set(network, holders)
    holders.count++
    return {
      release: () => {
        if (--holders.count > 0) return
        shared.delete(network)
        holders.release()
      }
    }
  }

  // What nobody else wants, which is the rule, is had without waiting; errors are for those who wait.
  const tryNow = (file: string, mode: LockMode): LockFile.HeldFile | undefined => {
    if (isAlone || files === undefined) return noFile
    try {
      return tryLockIn(files, directory, file, mode)
    } catch {
      return undefined
    }
  }

  const enterNow = (network: string, mode: LockMode): LockFile.HeldFile | undefined => {
    const gate = tryNow(fileOf("gate", network), mode)
    if (gate === undefined) return undefined
    const known = mode === "shared" ? shared.get(network) : undefined
    const held = known ?? tryNow(fileOf("network", network), mode)
    gate.release("keep open")
    return held && (mode === "shared" ? sharing(network, held) : { release: () => held.release("keep open") })
  }

  const holdNow = (
    name: string,
    mode: LockMode,
    tryFile: () => LockFile.HeldFile | undefined,
    afterwards: LockFile.Afterwards
  ): (() => void) | undefined => {
    const leave = take(name, mode)
    const held = leave && tryFile()
    if (held === undefined) {
      leave?.()
      return undefined
    }
    return () => {
      try {
        held.release(afterwards)
      } finally {
        leave?.()
      }
    }
  }

  const orTimeout = (
    about: { readonly network: string; readonly containerId: string },
    file: string,
    acquire: (deadline: number) => Effect.Effect<boolean, CacheIoError, Scope.Scope>
  ): Effect.Effect<void, LockError, Scope.Scope> =>
    Effect.gen(function*() {
      const startedAt = yield* Clock.currentTimeMillis
      if (yield* acquire(startedAt + Duration.toMillis(yield* LockWaitLimit))) return
      const waitedMs = (yield* Clock.currentTimeMillis) - startedAt
      return yield* new LockTimeout({
        ...about,
        waitedMs,
        holders: holdersOf(file).map((pid) => ({ pid, command: commandOf(pid) }))
      })
    })

  const atOnce = (
    taking: () => (() => void) | undefined,
    waiting: Effect.Effect<void, LockError, Scope.Scope>
  ): Effect.Effect<void, LockError, Scope.Scope> =>
    Effect.uninterruptibleMask((restore) => {
      const release = taking()
      return release === undefined ? restore(waiting) : Effect.addFinalizer(() => Effect.sync(release))
    })

  const keep = (held: LockFile.HeldFile | undefined, afterwards: LockFile.Afterwards) =>
    held === undefined
      ? Effect.succeed(false)
      : Effect.as(Effect.addFinalizer(() => Effect.sync(() => held.release(afterwards))), true)

  const lease = Effect.uninterruptible(Effect.gen(function*() {
    if (owner !== undefined) return owner
    const identity = { pid: process.pid, startTime: startTimeOf(process.pid), lease: Crypto.randomUUID() }
    const file = Path.join(directory, leaseFile(identity.lease))
    // Whoever sweeps may have it for a moment.
    let held = yield* attempt(file, "exclusive")
    for (; held === undefined; held = yield* attempt(file, "exclusive")) yield* Effect.yieldNow
    const { release } = held
    yield* Scope.addFinalizer(scope, Effect.sync(() => release("remove")))
    return owner ??= identity
  }))

  if (isAlone) yield* Effect.logWarning(`this runtime has no node:sqlite. ${aloneMeans}`)

  const waitForNetwork = (network: string, mode: LockMode) =>
    orTimeout(
      { network, containerId: "" },
      fileOf("network", network),
      (deadline) =>
        Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
          if (!(yield* restore(hold(`network ${network}`, mode, deadline)))) return false
          // One fiber at a time asks the kernel.
          const entering = Effect.scoped(Effect.gen(function*() {
            if (!(yield* restore(hold(`kernel ${network}`, "exclusive", deadline)))) return undefined
            return yield* enterNetwork(network, mode, { deadline, restore })
          }))
          return yield* keep(yield* entering, "keep open")
        }))
    )

  const networkNow = (network: string, mode: LockMode) => {
    const leave = take(`kernel ${network}`, "exclusive")
    const release = leave && holdNow(`network ${network}`, mode, () => enterNow(network, mode), "keep open")
    leave?.()
    return release
  }

  const waitForContainer = (containerId: string) =>
    orTimeout(
      { network: "", containerId },
      fileOf("container", containerId),
      (deadline) =>
        Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
          if (!(yield* restore(hold(`container ${containerId}`, "exclusive", deadline)))) return false
          return yield* keep(
            yield* poll(fileOf("container", containerId), "exclusive", { deadline, restore }),
            "reuse"
          )
        }))
    )

  const containerNow = (containerId: string) =>
    holdNow(
      `container ${containerId}`,
      "exclusive",
      () => tryNow(fileOf("container", containerId), "exclusive"),
      "reuse"
    )

  return AttachmentLock.of({
    network: (network, mode) =>
      // Every operation begins here.
      Effect.andThen(makeWay, atOnce(() => networkNow(network, mode), waitForNetwork(network, mode))),
    container: (containerId) => atOnce(() => containerNow(containerId), waitForContainer(containerId)),
    owner: lease,
    isAlive: Effect.fnUntraced(function*({ lease: name, pid, startTime }) {
      if (name === owner?.lease) return true
      if (isAlone) return isRunning(pid, startTime)
      const file = Path.join(directory, leaseFile(name))
      if (!isLease.test(name) || !Fs.existsSync(file)) return false
      // Shared, so that two who look do not take each other for the owner; who sweeps has it for a moment only.
      const deadline = (yield* Clock.currentTimeMillis) + (isRunning(pid, startTime) ? 0 : 50)
      const held = yield* poll(file, "shared", { deadline, restore: (effect) => effect })
      held?.release("close")
      return held === undefined
    }),
    sweep: Effect.gen(function*() {
      for (const name of namesIn(directory).filter((name) => isLockFile.test(name))) {
        yield* Effect.uninterruptible(
          Effect.map(attempt(Path.join(directory, name), "exclusive"), (held) => held?.release("remove"))
        )
      }
    })
  })
})

/** A network's lock of the kernel, for those of this process who share it. */
interface Shared {
  count: number
  readonly release: () => void
}

/** Until when to wait (ms on the clock), and how to wait interruptibly. */
interface Wait {
  readonly deadline: number
  readonly restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

const aloneMeans = "Operations of other processes on the same containers are not kept apart from ours"

const noFile: LockFile.HeldFile = { release: () => {} }

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

const leaseFile = (lease: string): string => `lease-${lease}`

const isLockFile = /^(?:(?:gate|network|container)-[\da-f]{32}|(?:lease|spare)-[\da-f-]{36})$/

const isLease = /^[\da-f-]{36}$/

const namesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory)
  } catch {
    return []
  }
}

const tryLockIn = (
  files: LockFile.LockFiles,
  directory: string,
  file: string,
  mode: LockMode
): LockFile.HeldFile | undefined => {
  try {
    return files.tryLock(file, mode)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error
    makeDirectory(directory)
    return files.tryLock(file, mode)
  }
}

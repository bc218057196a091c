/**
 * The kernel's locks of networks. Who asks for one first passes its gate, which a GC that waits keeps shut, so that it is
 * not starved; the kernel is asked once for all of this process that share a network.
 */
import * as Effect from "effect/Effect"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import type { FairLocks, Release, Wait } from "./fairLock.ts"
import type { LockDirectory } from "./lockDirectory.ts"
import type { HeldFile } from "./lockFile.ts"

/** Whoever asks holds the network among the fibers of this process. */
export interface NetworkLocks {
  readonly tryNow: (network: string, mode: LockMode) => Release | undefined
  /** To be run uninterruptibly. */
  readonly poll: (network: string, mode: LockMode, wait: Wait) => Effect.Effect<Release | undefined, CacheIoError>
}

/** `fibers` has the fibers of this process that want one network ask one after the other. */
export const make = (files: LockDirectory, fibers: FairLocks): NetworkLocks => {
  const shared = new Map<string, Shared>()

  const sharing = (network: string, holders: Shared): Release => {
    holders.count++
    return () => {
      if (--holders.count > 0) return
      shared.delete(network)
      holders.release()
    }
  }

  const entered = (network: string, mode: LockMode, held: HeldFile | undefined): Release | undefined => {
    if (held === undefined) return undefined
    const { release } = held
    if (mode === "exclusive") return release
    const holders = { count: 0, release }
    shared.set(network, holders)
    return sharing(network, holders)
  }

  const sharedAlready = (network: string, mode: LockMode): Release | undefined => {
    const holders = mode === "shared" ? shared.get(network) : undefined
    return holders && sharing(network, holders)
  }

  const passGate = Effect.fnUntraced(function*(network: string, mode: LockMode, wait: Wait) {
    const gate = yield* files.poll(files.fileOf("gate", network), mode, wait)
    if (gate === undefined) return undefined
    const release = sharedAlready(network, mode) ??
      (yield* files.poll(files.fileOf("network", network), mode, wait).pipe(
        Effect.onError(() => Effect.sync(gate.release)),
        Effect.map((held) => entered(network, mode, held))
      ))
    leaveGate(gate, release)
    return release
  })

  return {
    tryNow: (network, mode) => {
      const leave = fibers.take(asking(network), "exclusive")
      if (leave === undefined) return undefined
      try {
        const gate = files.tryNow(files.fileOf("gate", network), mode)
        if (gate === undefined) return undefined
        const release = sharedAlready(network, mode) ??
          entered(network, mode, files.tryNow(files.fileOf("network", network), mode))
        leaveGate(gate, release)
        return release
      } finally {
        leave()
      }
    },
    poll: Effect.fnUntraced(function*(network, mode, { deadline, letsPass = false, restore }) {
      // To wait is to keep others from passing the gate.
      const wait = { deadline: letsPass ? -Infinity : deadline, restore }
      const leave = yield* fibers.wait(asking(network), "exclusive", wait)
      if (leave === undefined) return undefined
      return yield* Effect.ensuring(passGate(network, mode, wait), Effect.sync(leave))
    })
  }
}

/** A network's lock of the kernel, for those of this process who share it. */
interface Shared {
  count: number
  readonly release: Release
}

// That a file cannot be let go of is a defect; what is behind it must not stay locked for that.
const leaveGate = (gate: HeldFile, release: Release | undefined): void => {
  try {
    gate.release()
  } catch (error) {
    release?.()
    throw error
  }
}

const asking = (network: string): string => `kernel ${network}`

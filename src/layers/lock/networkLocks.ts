/**
 * The kernel's locks of networks. An operation that asks for one first passes its gate, which a GC that waits keeps shut, so
 * that it is not starved; the kernel is asked once for all operations of this process that share a network.
 */
import * as Effect from "effect/Effect"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import type { LockMode } from "../../services/attachment/AttachmentLock.ts"
import type { FairLocks, Release, Wait } from "./fairLock.ts"
import type { LockDirectory } from "./lockDirectory.ts"
import type { HeldFile } from "./lockFile.ts"

/** For operations that hold the network among the fibers of this process. To be run uninterruptibly. */
export type NetworkLocks = (
  network: string,
  mode: LockMode,
  wait: Wait
) => Effect.Effect<Release | undefined, CacheIoError>

/** `fibers` lets the fibers of this process that want one network ask one after the other. */
export const make = (files: LockDirectory, fibers: FairLocks): NetworkLocks => {
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

/** GC and STATUS: D14, D21 and D40. */
import { Effect, Result } from "effect"
import { NetworkConfigList, PluginConfig } from "effect-cni"
import { differences } from "../json.ts"
import type { Failure, Failures } from "../vector.ts"
import { delChecked } from "./del.ts"
import { isAtLeast, isAtLeastOr, type Network } from "./network.ts"
import { nobody, run } from "./plugins.ts"
import { isBlocked, listed, type Stored } from "./records.ts"
import { networkInput } from "./request.ts"
import type { Situation } from "./situation.ts"

/** Attachments that a runtime says are valid, or that it says nothing. */
export type Valid = ReadonlyArray<{ readonly containerID: string; readonly ifname: string }> | null

/** Every stale attachment is deleted, then every plugin told; all failures are collected. */
export const gc = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network,
  valid: Valid
): Effect.fn.Return<null, Failure | Failures> {
  const hasGc = yield* isAtLeastOr(situation, "D21", network.cniVersion, "1.1.0")
  if (network.disableGC) return null
  if (isBlocked(situation)) return yield* situation.refuse("D14", { tag: "CacheIoError" })
  const stale = listed(situation).map(([, record]) => record).filter((record) => isStale(record, network, valid))
  const deleted = yield* Effect.forEach(stale, (record) => Effect.result(deleteStale(situation, network, record)))
  const told = hasGc ? yield* tellAll(situation, network, valid) : []
  const errors = [...deleted, ...told].flatMap((one) => Result.isFailure(one) ? [one.failure] : [])
  return errors.length === 0 ? null : yield* Effect.fail({ errors })
})

const isStale = ({ containerId, ifName, network }: Stored, { name }: Network, valid: Valid): boolean =>
  network === name && !(valid ?? []).some((kept) => kept.containerID === containerId && kept.ifname === ifName)

const deleteStale = Effect.fnUntraced(function*(situation: Situation, given: Network, record: Stored) {
  const { capabilityArgs, cniArgs, containerId, ifName, netns } = record
  const network = yield* listFor(situation, given, record)
  const rt = { containerId, ifName, netns, args: cniArgs, capabilityArgs }
  return yield* delChecked(situation, network, rt, record, true)
})

// What an attachment was made with undoes it, where that is stored and can be used.
const listFor = Effect.fnUntraced(function*(situation: Situation, given: Network, { config }: Stored) {
  const list = yield* Effect.result(NetworkConfigList.fromBytes(config))
  const single = yield* Effect.result(Effect.map(PluginConfig.fromBytes(config), NetworkConfigList.ofPlugin))
  for (const { success: stored } of [list, single].filter(Result.isSuccess)) {
    const version = yield* Effect.result(isAtLeast(stored.cniVersion, "0.4.0"))
    if (stored.name !== given.name || stored.plugins.length === 0 || Result.isFailure(version)) continue
    return isSame(stored, given) || !situation.applies("D14") ? given : stored
  }
  return given
})

const isSame = (left: Network, right: Network): boolean =>
  left.cniVersion === right.cniVersion &&
  differences(left.plugins.map(({ json }) => json), right.plugins.map(({ json }) => json), "").length === 0

const tellAll = (situation: Situation, network: Network, valid: Valid) => {
  const attachments = valid ?? (situation.applies("D14") ? [] : undefined)
  const members = attachments && { "cni.dev/valid-attachments": attachments, "cni.dev/attachments": attachments }
  return Effect.forEach(network.plugins, (plugin) =>
    Effect.result(run(situation, {
      type: plugin.type,
      command: "GC",
      rt: nobody,
      stdin: networkInput(plugin, network, members ?? {})
    })))
}

/** The plugins forward, from 1.1.0 on. */
export const status = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network
): Effect.fn.Return<null, Failure> {
  if (!(yield* isAtLeastOr(situation, "D21", network.cniVersion, "1.1.0"))) return null
  yield* Effect.forEach(
    network.plugins,
    (plugin) =>
      run(situation, { type: plugin.type, command: "STATUS", rt: nobody, stdin: networkInput(plugin, network, {}) })
  )
  return null
})

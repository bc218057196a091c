/** Looking into the cache: D1, D6, D8 and D16. */
import { Effect } from "effect"
import type { Failure } from "../vector.ts"
import { checkNames, containerIssue } from "./names.ts"
import type { Network } from "./network.ts"
import { fileName, isBlocked, listed, own, storedResult } from "./records.ts"
import type { Rt } from "./request.ts"
import { shown } from "./results.ts"
import type { Situation } from "./situation.ts"

/** The stored result, in the version of the network. */
export const cachedResult = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network,
  rt: Rt
): Effect.fn.Return<unknown, Failure> {
  yield* checkNames(situation, network.name, rt)
  const entry = yield* own(situation, { network: network.name, ...rt })
  return entry === undefined ? null : shown(situation, yield* storedResult(situation, entry, network.cniVersion))
})

/** The stored configuration, and the parameters with the stored arguments. */
export const cachedConfig = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network,
  rt: Rt
): Effect.fn.Return<unknown, Failure> {
  yield* checkNames(situation, network.name, rt)
  const entry = yield* own(situation, { network: network.name, ...rt })
  if (entry === undefined) return null
  if (entry.kind === "record") {
    const { capabilityArgs, cniArgs, config } = entry.record
    return { config: textOf(config), rt: { ...rt, args: cniArgs.length === 0 ? rt.args : cniArgs, capabilityArgs } }
  }
  const isDamaged = entry.kind === "damaged" || entry.isDamaged
  return yield* Effect.fail<Failure>({
    tag: isDamaged ? "CacheEntryInvalid" : "CacheKindMismatch",
    goSpecificText: true
  })
})

const textOf = (bytes: Uint8Array): string => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)

/** All attachments, or those of a container: its ID must be in the name of the file too. */
export const attachments = Effect.fnUntraced(function*(
  situation: Situation,
  containerId: string
): Effect.fn.Return<unknown, Failure> {
  const issue = containerId === "" ? undefined : containerIssue(containerId)
  if (issue !== undefined) return yield* situation.refuse("D1", issue)
  if (isBlocked(situation)) return yield* Effect.fail<Failure>({ tag: "CacheIoError", goSpecificText: true })
  return listed(situation)
    .filter(([file, record]) => containerId === "" || (record.containerId === containerId && isIn(file, containerId)))
    .map(([, { capabilityArgs, cniArgs, config, containerId, ifName, netns, network }]) => ({
      containerId,
      network,
      ifName,
      netns,
      config: textOf(config),
      cniArgs,
      capabilityArgs
    }))
})

const isIn = (file: string, containerId: string): boolean =>
  file.slice(1, -1).includes(fileName({ network: "", containerId, ifName: "" }))

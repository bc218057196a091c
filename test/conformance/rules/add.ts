/** ADD: D2, D6, D16, D17, D21 and D29. */
import { Effect, Result } from "effect"
import { Json } from "effect-cni"
import type { Failure } from "../vector.ts"
import { hasOddInteger, isTooMuch } from "./limits.ts"
import { checkNames } from "./names.ts"
import { isAtLeastOr, type Network } from "./network.ts"
import { find, run } from "./plugins.ts"
import { decode, fileName, isBlocked, isOf } from "./records.ts"
import { attachmentInput, type Rt } from "./request.ts"
import { converted, type Known, resultOf, shown } from "./results.ts"
import type { Situation } from "./situation.ts"

/** The plugins forward, each given the result of the one before it; then the record. */
export const add = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network,
  rt: Rt
): Effect.fn.Return<unknown, Failure> {
  yield* checkNames(situation, network.name, rt)
  yield* isAtLeastOr(situation, "D21", network.cniVersion, "0.4.0")
  if (network.plugins.length === 0) {
    return yield* situation.refuse("D29", { tag: "ConfigInvalid", goSpecificText: true })
  }
  yield* refuseCollision(situation, network, rt)
  yield* findAll(situation, network)
  const last = yield* runAll(situation, network, rt)
  return yield* store(situation, network, rt, last)
})

const refuseCollision = (situation: Situation, { name }: Network, rt: Rt) => {
  const key = { network: name, ...rt }
  const text = situation.cache.get(fileName(key))
  if (text === undefined) return Effect.void
  const entry = decode(situation, text)
  return entry.kind === "record" && !isOf(entry.record, key)
    ? situation.refuse("D6", { tag: "CacheKeyCollision" })
    : Effect.void
}

// Where the first plugin is the one that is missing, libcni notices as early.
const findAll = (situation: Situation, { plugins }: Network) =>
  Effect.forEach(
    plugins,
    ({ type }, index) =>
      Effect.catch(find(situation, type), (failure) =>
        index === 0 || situation.applies("D2") ? Effect.fail(failure) : Effect.void)
  )

const runAll = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network,
  rt: Rt
): Effect.fn.Return<Known | undefined, Failure> {
  let last: Known | undefined
  for (const plugin of network.plugins) {
    const prevResult = last && shown(situation, inVersion(situation, last, network.cniVersion))
    const stdin = attachmentInput(plugin, network, rt, prevResult)
    const stdout = yield* run(situation, { type: plugin.type, command: "ADD", rt, stdin })
    if (isTooMuch(stdout)) situation.require("D27")
    if (hasOddInteger(stdout)) situation.require("D32")
    const known = Result.flatMap(Json.parse(stdout), (json) => resultOf(situation, json, network.cniVersion))
    last = yield* Effect.mapError(
      Effect.fromResult(known),
      (): Failure => ({ tag: "PluginOutputInvalid", plugin: plugin.type, goSpecificText: true })
    )
  }
  return last
})

const inVersion = (situation: Situation, last: Known, version: string): Known => {
  const other = Result.getOrElse(converted(last, version), () => last)
  return other === last || situation.applies("D17") ? other : last
}

const store = Effect.fnUntraced(function*(situation: Situation, network: Network, rt: Rt, last: Known | undefined) {
  const key = { network: network.name, ...rt }
  if (isBlocked(situation, key)) return yield* Effect.fail<Failure>({ tag: "CacheIoError" })
  const result = last && shown(situation, last)
  const record = {
    kind: "cniCacheV1",
    containerId: rt.containerId,
    config: Buffer.from(network.bytes).toString("base64"),
    ifName: rt.ifName,
    networkName: network.name,
    ...(rt.netns !== "" && { netns: rt.netns }),
    ...(rt.args.length > 0 && { cniArgs: rt.args }),
    ...(Object.keys(rt.capabilityArgs).length > 0 && { capabilityArgs: rt.capabilityArgs }),
    result
  }
  situation.cache.set(fileName(key), stringify(record))
  return result
})

const stringify = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => typeof inner === "bigint" ? Number(inner) : inner)

/** What an operation is about: a network and an attachment to it, both known to be safe to show and to write. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import * as RuntimeConf from "../../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../../domain/config/NetworkConfigList.ts"
import { InvalidRuntimeConf, type InvalidVersion } from "../../domain/errors/CniError.ts"
import { unusedArguments } from "../../domain/plugin/PluginRequest.ts"
import { VersionComparison } from "../../services/plugin/VersionComparison.ts"
import { Compat, UnusedArguments } from "../../services/Tunables.ts"

/** An attachment that may be looked up: its names are safe. */
export interface Named {
  readonly list: NetworkConfigList
  readonly conf: RuntimeConf.RuntimeConf
  readonly key: AttachmentKey
}

/** An attachment that may be acted on: its version is known as well. */
export interface Target extends Named {
  /** Whether the configuration's version has CHECK, and gives DEL a `prevResult` (0.4.0 and newer). */
  readonly hasCheck: boolean
}

/** What a look-up needs: what it finds has a version of its own. */
export const validateNames = (
  list: NetworkConfigList,
  conf: RuntimeConf.RuntimeConf
): Effect.Effect<Named, InvalidRuntimeConf> =>
  Effect.flatMap(Effect.fromResult(keyOf(list, conf)), (key) =>
    Effect.as(
      Effect.annotateCurrentSpan({
        "cni.network": key.network,
        "cni.container_id": key.containerId,
        "cni.if_name": key.ifName
      }),
      { list, conf: RuntimeConf.copyOf(conf), key }
    ))

const keyOf = ({ name }: NetworkConfigList, conf: RuntimeConf.RuntimeConf) =>
  Result.flatMap(
    RuntimeConf.validateNetworkName(name),
    (network) =>
      Result.flatMap(
        RuntimeConf.validate(conf),
        ({ containerId, ifName }) => RuntimeConf.validateKey({ network, containerId, ifName })
      )
  )

/** What operations on a whole network need: its name, and a version that is known. */
export const validateNetwork = Effect.fnUntraced(function*(
  { cniVersion, name }: NetworkConfigList
): Effect.fn.Return<string, InvalidRuntimeConf | InvalidVersion, VersionComparison> {
  const network = yield* Effect.fromResult(RuntimeConf.validateNetworkName(name))
  yield* (yield* VersionComparison).parse(cniVersion)
  return network
})

/** Every other operation starts here: names, arguments and version, before anything is looked up, run or written. */
export const validate = (
  list: NetworkConfigList,
  conf: RuntimeConf.RuntimeConf
): Effect.Effect<Target, InvalidRuntimeConf | InvalidVersion, VersionComparison> =>
  Effect.flatMap(validateNames(list, conf), (named) =>
    Effect.map(
      VersionComparison.use((versions) => versions.isAtLeast(list.cniVersion, "0.4.0")),
      (hasCheck) => ({ ...named, hasCheck })
    ))

/** ADD starts here: as {@link validate}, and each capability argument should reach a plugin. */
export const validateAdd = (list: NetworkConfigList, conf: RuntimeConf.RuntimeConf) =>
  Effect.tap(validate(list, conf), refuseUnused)

const refuseUnused = Effect.fnUntraced(function*({ conf, list }: Target) {
  const reaction = (yield* Compat) === "libcni" ? "ignore" : yield* UnusedArguments
  // Without plugins there is another error.
  if (reaction === "ignore" || list.plugins.length === 0) return
  const unused = unusedArguments(list.plugins, conf.capabilityArgs ?? {})
  for (const { key, reason } of unused) {
    if (reaction === "fail") {
      return yield* new InvalidRuntimeConf({ field: "capabilityArgs", value: key, code: 4, msg: reason })
    }
    yield* Effect.logWarning(
      `capability argument ${JSON.stringify(key)} has no effect on network "${list.name}": ${reason}`
    )
  }
})

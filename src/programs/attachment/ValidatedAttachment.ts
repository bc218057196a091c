/** Validates what a caller gives: the network and the parameters, before anything is looked up, run or written. */
import * as Effect from "effect/Effect"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import * as RuntimeConf from "../../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../../domain/config/NetworkConfigList.ts"
import { InvalidRuntimeConf, type InvalidVersion } from "../../domain/errors/CniError.ts"
import { unusedArguments } from "../../domain/plugin/PluginRequest.ts"
import { VersionComparison } from "../../services/plugin/VersionComparison.ts"
import { Compat, UnusedArguments } from "../../services/Tunables.ts"

/** An attachment that may be looked up: its names are safe in messages and file names. */
export interface NamedAttachment {
  readonly list: NetworkConfigList
  readonly conf: RuntimeConf.RuntimeConf
  readonly key: AttachmentKey
}

/** An attachment that may be acted on: its version can be used as well. */
export interface ValidatedAttachment extends NamedAttachment {
  /** Whether the configuration's version has CHECK, and gives DEL a `prevResult` (0.4.0 and newer). */
  readonly hasCheck: boolean
}

/** Validates for a look-up, which needs no version: the record that it finds has one. */
export const validateNames = Effect.fnUntraced(function*(
  list: NetworkConfigList,
  conf: RuntimeConf.RuntimeConf
): Effect.fn.Return<NamedAttachment, InvalidRuntimeConf> {
  const network = yield* Effect.fromResult(RuntimeConf.validateNetworkName(list.name))
  const { containerId, ifName } = yield* Effect.fromResult(RuntimeConf.validate(conf))
  const key = yield* Effect.fromResult(RuntimeConf.validateKey({ network, containerId, ifName }))
  yield* Effect.annotateCurrentSpan({
    "cni.network": network,
    "cni.container_id": containerId,
    "cni.if_name": ifName
  })
  return { list, conf: RuntimeConf.copyOf(conf), key }
})

/** Validates for an operation on a whole network; gives its name. */
export const validateNetwork = Effect.fnUntraced(function*(
  { cniVersion, name }: NetworkConfigList
): Effect.fn.Return<string, InvalidRuntimeConf | InvalidVersion, VersionComparison> {
  const network = yield* Effect.fromResult(RuntimeConf.validateNetworkName(name))
  yield* (yield* VersionComparison).parse(cniVersion)
  return network
})

/** Validates for an operation on an attachment: names, arguments and version. */
export const validate = Effect.fnUntraced(function*(
  list: NetworkConfigList,
  conf: RuntimeConf.RuntimeConf
): Effect.fn.Return<ValidatedAttachment, InvalidRuntimeConf | InvalidVersion, VersionComparison> {
  const named = yield* validateNames(list, conf)
  return { ...named, hasCheck: yield* (yield* VersionComparison).isAtLeast(list.cniVersion, "0.4.0") }
})

/** As {@link validate}, for an ADD: each capability argument should reach a plugin. */
export const validateAdd = (list: NetworkConfigList, conf: RuntimeConf.RuntimeConf) =>
  Effect.tap(validate(list, conf), refuseUnused)

const refuseUnused = Effect.fnUntraced(function*({ conf, list }: ValidatedAttachment) {
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

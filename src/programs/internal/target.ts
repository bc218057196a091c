/** What an operation is about: a network and an attachment to it, both known to be safe to show and to write. */
import * as Effect from "effect/Effect"
import type { AttachmentKey } from "../../domain/AttachmentKey.ts"
import type { InvalidRuntimeConf, InvalidVersion } from "../../domain/CniError.ts"
import type { NetworkConfigList } from "../../domain/NetworkConfigList.ts"
import * as RuntimeConf from "../../domain/RuntimeConf.ts"
import { VersionComparison } from "../../services/VersionComparison.ts"

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
export const validateNames = Effect.fnUntraced(function*(
  list: NetworkConfigList,
  conf: RuntimeConf.RuntimeConf
): Effect.fn.Return<Named, InvalidRuntimeConf> {
  const network = yield* Effect.fromResult(RuntimeConf.validateNetworkName(list.name))
  const { containerId, ifName } = yield* Effect.fromResult(RuntimeConf.validate(conf))
  yield* Effect.annotateCurrentSpan({
    "cni.network": network,
    "cni.container_id": containerId,
    "cni.if_name": ifName
  })
  return { list, conf, key: { network, containerId, ifName } }
})

/** What operations on a whole network need: its name, and a version that is known. */
export const validateNetwork = Effect.fnUntraced(function*(
  { cniVersion, name }: NetworkConfigList
): Effect.fn.Return<string, InvalidRuntimeConf | InvalidVersion, VersionComparison> {
  const network = yield* Effect.fromResult(RuntimeConf.validateNetworkName(name))
  yield* (yield* VersionComparison).parse(cniVersion)
  return network
})

/** Every other operation starts here: names, arguments and version, before anything is looked up, run or written. */
export const validate = Effect.fnUntraced(function*(
  list: NetworkConfigList,
  conf: RuntimeConf.RuntimeConf
): Effect.fn.Return<Target, InvalidRuntimeConf | InvalidVersion, VersionComparison> {
  const named = yield* validateNames(list, conf)
  const versions = yield* VersionComparison
  return { ...named, hasCheck: yield* versions.isAtLeast(list.cniVersion, "0.4.0") }
})

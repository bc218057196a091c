/** Asks the plugins of a network whether they are ready for an ADD. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { NetworkConfigList } from "../../../../domain/config/NetworkConfigList.ts"
import { type PluginError, VersionNotSupported } from "../../../../domain/errors/CniError.ts"
import { PluginVersions } from "../../../../services/plugin/PluginVersions.ts"
import { getStatusNetworkList, hasStatus } from "../../../networkStatus.ts"
import { asking, handler, remark } from "../../call/handler.ts"
import { type AttachmentArgs, loadNetwork } from "./attachmentArgs.ts"

export const status = handler("status", asking, function*(input: AttachmentArgs, call) {
  const network = yield* loadNetwork(input.network)
  yield* getStatusNetworkList(network).pipe(Effect.catchTag("PluginError", (error) => explain(network, error)))
  if (yield* hasStatus(network)) return { result: null }
  const version = network.cniVersion || "0.1.0"
  yield* remark(`cniVersion ${version} of network "${network.name}" has no STATUS: no plugin was asked`, call)
  return { result: { done: false, reason: "cniVersion" } }
})

// Not ready, and ready only for what is attached already: a plugin that answers so has STATUS.
const statusCodes = new Set([50, 51])

/** The error, or that the plugin does not speak the network's version: then it has no STATUS, and its error is about that. */
const explain = Effect.fnUntraced(function*({ cniVersion }: NetworkConfigList, error: PluginError) {
  if (statusCodes.has(error.code)) return yield* error
  const info = yield* Effect.result((yield* PluginVersions).of(error.plugin))
  if (Result.isFailure(info)) return yield* error
  const { supportedVersions: supported } = info.success
  if (supported.includes(cniVersion)) return yield* error
  return yield* new VersionNotSupported({ plugin: error.plugin, version: cniVersion, supported })
})

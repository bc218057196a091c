/** Asks for the status. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { NetworkConfigList } from "../../../domain/config/NetworkConfigList.ts"
import { type PluginError, VersionNotSupported } from "../../../domain/errors/CniError.ts"
import { PluginVersions } from "../../../services/plugin/PluginVersions.ts"
import { getStatusNetworkList, hasStatus } from "../../status.ts"
import { type Answer, asking, commanding } from "../internal/commanding.ts"
import { remark } from "../internal/remark.ts"
import type { Settings } from "../internal/settings.ts"
import { loadNetwork, type TargetInput } from "../internal/target.ts"

export const run = commanding(
  "status",
  Effect.fnUntraced(function*(input: TargetInput, settings: Settings) {
    const telling = Effect.gen(function*() {
      const network = yield* loadNetwork(input.network)
      yield* getStatusNetworkList(network).pipe(Effect.catchTag("PluginError", (error) => tooOld(network, error)))
      if (yield* hasStatus(network)) return { result: null } satisfies Answer
      const version = network.cniVersion || "0.1.0"
      yield* remark(`cniVersion ${version} of network "${network.name}" has no STATUS: no plugin was asked`, settings)
      return { result: { done: false, reason: "cniVersion" } } satisfies Answer
    })
    return yield* Effect.provide(telling, yield* asking(settings))
  })
)

// Not ready, and ready only for what is attached already: who says so knows STATUS.
const statusCodes = new Set([50, 51])

/** A plugin that does not speak the network's version knows no STATUS, and says something else of it. */
const tooOld = Effect.fnUntraced(function*({ cniVersion }: NetworkConfigList, error: PluginError) {
  if (statusCodes.has(error.code)) return yield* error
  const info = yield* Effect.result((yield* PluginVersions).of(error.plugin))
  if (Result.isFailure(info)) return yield* error
  const { supportedVersions: supported } = info.success
  if (supported.includes(cniVersion)) return yield* error
  return yield* new VersionNotSupported({ plugin: error.plugin, version: cniVersion, supported })
})

/** Asks a plugin which versions of the specification it speaks. */
import * as Effect from "effect/Effect"
import type { PluginInfo } from "../domain/plugin/PluginInfo.ts"
import { PluginVersions, type PluginVersionsError } from "../services/plugin/PluginVersions.ts"

/**
 * What the plugin of a type reports (spec, section 4 "VERSION"); remembered while its executable stays the same, unless
 * `Tunables.VersionCache` is off.
 *
 * Fails with `InvalidPluginType`, `PluginNotFound` or `PluginNotExecutable` when there is no such plugin,
 * `PluginSpawnFailed` or `PluginTimeout` (default 10 s) when it could not be asked, `PluginError` when it refused, and
 * `PluginOutputInvalid` when its answer is no report.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Cni } from "effect-cni"
 *
 * const isModern = Effect.map(Cni.getVersionInfo("bridge"), (info) => info.supportedVersions.includes("1.1.0"))
 * ```
 */
export const getVersionInfo: (
  type: string
) => Effect.Effect<PluginInfo, PluginVersionsError, PluginVersions> = Effect.fn("getVersionInfo")(
  function*(type) {
    return yield* (yield* PluginVersions).of(type)
  }
)

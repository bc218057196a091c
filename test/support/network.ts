import { Json, NetworkConfigList } from "effect-cni"
import type { PluginRequest } from "effect-cni"
import { PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** A network of these plugins. */
export const network = (
  types: ReadonlyArray<string>,
  change: Readonly<Record<string, unknown>> = {}
): NetworkConfigList.NetworkConfigList =>
  Effect.runSync(NetworkConfigList.fromText(
    JSON.stringify({ cniVersion: "1.0.0", name: "net", plugins: types.map((type) => ({ type })), ...change })
  ))

/** A container to attach. */
export const c1 = { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" }

/** A result with one address. */
export const result = (last: number) => ({ cniVersion: "1.0.0", ips: [{ address: `10.0.0.${last}/24` }] })

/** What each run was given as `prevResult`, by `"plugin COMMAND"`. */
export const prevResults: Effect.Effect<ReadonlyArray<readonly [string, unknown]>, never, PluginInvocations> = Effect
  .flatMap(
    PluginInvocations,
    ({ all }) =>
      Effect.map(
        all,
        (runs) => runs.map((run) => [`${run.plugin} ${run.command}`, request(run)["prevResult"]] as const)
      )
  )

/** What a plugin was told on stdin. */
export const request = ({ stdin }: PluginRequest.PluginInvocation): Json.JsonObject =>
  Result.getOrThrow(Result.filterOrFail(Json.parse(stdin), Json.isJsonObject, () => "not an object"))

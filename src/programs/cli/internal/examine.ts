/** Looks at a configured network: its plugins, its version, and what of it would not work. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as CniVersion from "../../../domain/config/CniVersion.ts"
import type { NetworkConfigList } from "../../../domain/config/NetworkConfigList.ts"
import { capabilitiesOf } from "../../../domain/config/PluginConfig.ts"
import { type ValidationFailure, VersionNotSupported } from "../../../domain/errors/CniError.ts"
import { decodeText, isJsonArray, isJsonObject, type Json, parseBytes } from "../../../domain/json/Json.ts"
import { placeOfPath } from "../../../domain/json/JsonPlace.ts"
import { PluginDiscovery } from "../../../services/plugin/PluginDiscovery.ts"
import { PluginVersions } from "../../../services/plugin/PluginVersions.ts"
import type { Finding } from "./findings.ts"
import { strangeIn } from "./strange.ts"
import { versionChoice } from "./versionChoice.ts"
import type { NetworkView, PluginUse } from "./views.ts"

/** A network as it is seen, before what was found wrong with it is put into words. */
export interface Examined {
  readonly view: Omit<NetworkView, "problems">
  readonly findings: ReadonlyArray<Finding>
}

/** Whether plugins are looked for and asked which versions they speak. */
export type Asking = "plugins" | "nobody"

/** The network in a file. */
export const examine = Effect.fnUntraced(function*(file: string, list: NetworkConfigList, asking: Asking) {
  const { cniVersion, reason } = versionChoice(list)
  const inlined = inlinedIn(list)
  const version = CniVersion.parse(cniVersion)
  const uses = yield* Effect.forEach(
    usesOf(list),
    (use) => asking === "nobody" ? unasked(use) : ask(use, Result.isSuccess(version) ? cniVersion : undefined)
  )
  const unversioned: ReadonlyArray<Finding> = list.cniVersion === ""
    ? [{ file, warning: "it names no cniVersion, which stands for 0.1.0, without CHECK, GC and STATUS" }]
    : []
  const examined: Examined = {
    view: {
      name: list.name,
      file,
      cniVersion,
      versionReason: reason,
      dropIns: list.plugins.length - inlined,
      disableCheck: list.disableCheck,
      disableGC: list.disableGC,
      capabilities: capabilitiesOf(list.plugins),
      plugins: uses.map(({ use }) => use)
    },
    findings: [
      ...unversioned,
      ...(Result.isFailure(version) ? [{ file, failure: version.failure, ...placed(list, "cniVersion") }] : []),
      ...strangeTexts(file, list),
      ...uses.flatMap(({ at, failure, index }) =>
        failure === undefined ? [] : [{ file, failure, ...placed(list, index < inlined ? at : "") }]
      )
    ]
  }
  return examined
})

interface Use {
  readonly type: string
  readonly role: PluginUse["role"]
  readonly index: number
  readonly at: string
}

const usesOf = ({ plugins }: NetworkConfigList): ReadonlyArray<Use> =>
  plugins.flatMap(({ json, type }, index) => {
    const { ipam = null } = json
    const delegate = isJsonObject(ipam) ? ipam["type"] : undefined
    const own: Use = { type, role: "chain", index, at: `plugins[${index}].type` }
    return typeof delegate === "string" && delegate !== ""
      ? [own, { type: delegate, role: "ipam", index, at: `plugins[${index}].ipam.type` }]
      : [own]
  })

interface Asked extends Use {
  readonly use: PluginUse
  readonly failure?: ValidationFailure
}

const unasked = (use: Use): Effect.Effect<Asked> => Effect.succeed({ ...use, use: { type: use.type, role: use.role } })

const ask = Effect.fnUntraced(function*(
  used: Use,
  version: string | undefined
): Effect.fn.Return<Asked, never, PluginDiscovery | PluginVersions> {
  const { role, type } = used
  const path = yield* Effect.result((yield* PluginDiscovery).find(type))
  if (Result.isFailure(path)) return { ...used, use: { type, role }, failure: path.failure }
  const info = yield* Effect.result((yield* PluginVersions).of(type))
  if (Result.isFailure(info)) return { ...used, use: { type, role, path: path.success }, failure: info.failure }
  const supported = info.success.supportedVersions
  const use = { type, role, path: path.success, versions: supported }
  if (version === undefined || supported.includes(version)) return { ...used, use }
  return { ...used, use, failure: new VersionNotSupported({ plugin: type, version, supported }) }
})

const strangeTexts = (file: string, list: NetworkConfigList): ReadonlyArray<Finding> => [
  ...strangeIn(jsonIn(list.source ?? list.bytes)).map(({ at, warning }) => ({
    file,
    warning: `${at}: ${warning}`,
    place: placeOfPath(decodeText(list.source ?? list.bytes), at)
  })),
  ...list.plugins.slice(inlinedIn(list)).flatMap(({ json, type }) =>
    strangeIn(json).map(({ at, warning }) => ({ file, warning: `in the drop-in for ${type}, ${at}: ${warning}` }))
  )
]

// The plugin of a file of its own is the whole of its text.
const placed = ({ bytes, source }: NetworkConfigList, at: string) => {
  if (at === "") return {}
  return { place: placeOfPath(decodeText(source ?? bytes), source === undefined ? at : at.replace("plugins[0].", "")) }
}

const jsonIn = (bytes: Uint8Array): Json => Result.getOrElse(parseBytes(bytes), () => null)

const inlinedIn = ({ bytes }: NetworkConfigList): number => {
  const json = jsonIn(bytes)
  const plugins = isJsonObject(json) ? json["plugins"] : undefined
  return isJsonArray(plugins) ? plugins.length : 0
}

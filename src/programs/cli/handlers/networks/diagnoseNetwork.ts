/** Diagnoses configured networks: their plugins, their version, and what of them would not work. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as CniVersion from "../../../../domain/config/CniVersion.ts"
import type { NetworkConfigList } from "../../../../domain/config/NetworkConfigList.ts"
import { capabilitiesOf } from "../../../../domain/config/PluginConfig.ts"
import { type ValidationFailure, VersionNotSupported } from "../../../../domain/errors/CniError.ts"
import { decodeText, isJsonArray, isJsonObject, type Json, parseBytes } from "../../../../domain/json/Json.ts"
import { placeOfPath } from "../../../../domain/json/JsonPosition.ts"
import { nameOf, templateIn } from "../../../../domain/json/JsonSyntaxMistake.ts"
import type { ConfiguredNetworks } from "../../../../services/network/NetworkConfigs.ts"
import { PluginDiscovery } from "../../../../services/plugin/PluginDiscovery.ts"
import { PluginVersions } from "../../../../services/plugin/PluginVersions.ts"
import type { Settings } from "../../flags.ts"
import type { NetworkView, PluginUse } from "../views.ts"
import { type Diagnostic, type Rendered, renderer } from "./diagnosticText.ts"

/** Whether plugins are looked for and asked which versions they speak, or the files alone are read. */
export type Depth = "plugins" | "files"

/** A network with its problems, for programs (in the view) and for people. */
export interface Diagnosed {
  readonly view: NetworkView
  readonly rendered: ReadonlyArray<Rendered>
}

/** Diagnoses some networks, and renders what was found beside diagnostics about other files. */
export const diagnose = Effect.fnUntraced(function*(
  networks: ConfiguredNetworks["networks"],
  others: ReadonlyArray<Diagnostic>,
  { depth, settings }: { readonly depth: Depth; readonly settings: Settings }
) {
  const found = yield* Effect.forEach(networks, ({ file, list }) => diagnoseOne(file, list, depth))
  const render = yield* renderer([...found.flatMap(({ diagnostics }) => diagnostics), ...others], settings)
  return {
    networks: found.map(({ diagnostics, view }): Diagnosed => {
      const rendered = diagnostics.map(render)
      return { view: { ...view, problems: rendered.map(({ problem }) => problem) }, rendered }
    }),
    others: others.map(render)
  }
})

const diagnoseOne = Effect.fnUntraced(function*(file: string, list: NetworkConfigList, depth: Depth) {
  const { cniVersion, reason } = versionChoice(list)
  const version = CniVersion.parse(cniVersion)
  const inlined = inlinedIn(list)
  const uses = yield* Effect.forEach(
    usesOf(list),
    (use) => depth === "files" ? Effect.succeed(use) : ask(use, Result.isSuccess(version) ? cniVersion : undefined)
  )
  const view: Omit<NetworkView, "problems"> = {
    name: list.name,
    file,
    cniVersion,
    versionReason: reason,
    dropIns: list.plugins.length - inlined,
    disableCheck: list.disableCheck,
    disableGC: list.disableGC,
    capabilities: capabilitiesOf(list.plugins),
    plugins: uses.map(({ use }) => use)
  }
  const diagnostics: ReadonlyArray<Diagnostic> = [
    ...(list.cniVersion === "" ? [{ file, warning: unversioned }] : []),
    ...(Result.isFailure(version) ? [{ file, failure: version.failure, ...placed(list, "cniVersion") }] : []),
    ...suspectTexts(file, list),
    ...uses.flatMap(({ at, failure, index }) =>
      failure === undefined ? [] : [{ file, failure, ...placed(list, index < inlined ? at : "") }]
    )
  ]
  return { view, diagnostics }
})

const unversioned = "it names no cniVersion, which stands for 0.1.0, without CHECK, GC and STATUS"

/** The version that a network is run with, and a reason to put after it. */
const versionChoice = (list: NetworkConfigList): { readonly cniVersion: string; readonly reason: string } => {
  const json = jsonIn(list.bytes)
  const { cniVersion, cniVersions } = isJsonObject(json) ? json : {}
  const several = isJsonArray(cniVersions) ? cniVersions.filter((version) => typeof version === "string") : []
  if (list.cniVersion === "") return { cniVersion: "0.1.0", reason: "since its file names none" }
  if (several.length === 0) return { cniVersion: list.cniVersion, reason: "as its file says" }
  const own = typeof cniVersion === "string" && !several.includes(cniVersion) ? [cniVersion] : []
  const all = [...several, ...own].join(", ")
  return { cniVersion: list.cniVersion, reason: `the highest of ${all} that is not newer than ${CniVersion.current}` }
}

interface Used {
  readonly use: PluginUse
  readonly index: number
  readonly at: string
  readonly failure?: ValidationFailure
}

const usesOf = ({ plugins }: NetworkConfigList): ReadonlyArray<Used> =>
  plugins.flatMap(({ json, type }, index) => {
    const { ipam = null } = json
    const delegate = isJsonObject(ipam) ? ipam["type"] : undefined
    const own: Used = { use: { type, role: "chain" }, index, at: `plugins[${index}].type` }
    return typeof delegate === "string" && delegate !== ""
      ? [own, { use: { type: delegate, role: "ipam" }, index, at: `plugins[${index}].ipam.type` }]
      : [own]
  })

const ask = Effect.fnUntraced(function*(
  used: Used,
  version: string | undefined
): Effect.fn.Return<Used, never, PluginDiscovery | PluginVersions> {
  const { type } = used.use
  const path = yield* Effect.result((yield* PluginDiscovery).find(type))
  if (Result.isFailure(path)) return { ...used, failure: path.failure }
  const use = { ...used.use, path: path.success }
  const info = yield* Effect.result((yield* PluginVersions).of(type))
  if (Result.isFailure(info)) return { ...used, use, failure: info.failure }
  const supported = info.success.supportedVersions
  const asked = { ...used, use: { ...use, versions: supported } }
  if (version === undefined || supported.includes(version)) return asked
  return { ...asked, failure: new VersionNotSupported({ plugin: type, version, supported }) }
})

const suspectTexts = (file: string, list: NetworkConfigList): ReadonlyArray<Diagnostic> => [
  ...suspectTextsIn(jsonIn(list.source ?? list.bytes)).map(({ at, warning }) => ({
    file,
    warning: `${at}: ${warning}`,
    place: placeOfPath(decodeText(list.source ?? list.bytes), at)
  })),
  ...list.plugins.slice(inlinedIn(list)).flatMap(({ json, type }) =>
    suspectTextsIn(json).map(({ at, warning }) => ({ file, warning: `in the drop-in for ${type}, ${at}: ${warning}` }))
  )
]

// A file of one plugin (.conf) has the plugin as its whole text.
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

/** What is wrong with a text, and the place of the value that it is, or is the key of. */
interface SuspectText {
  readonly at: string
  readonly warning: string
}

/** Templates that were not filled in, and characters that cannot be seen; in values and in keys. */
const suspectTextsIn = (json: Json, at = ""): ReadonlyArray<SuspectText> => {
  if (typeof json === "string") return inText(json, at)
  if (isJsonArray(json)) return json.flatMap((item, index) => suspectTextsIn(item, `${at}[${index}]`))
  if (!isJsonObject(json)) return []
  return Object.entries(json).flatMap(([key, value]) => {
    const place = at === "" ? key : `${at}.${key}`
    return [...inText(key, place), ...suspectTextsIn(value, place)]
  })
}

const inText = (text: string, at: string): ReadonlyArray<SuspectText> => {
  const template = templateIn(text)
  if (template !== undefined) return [{ at, warning: `${template} is a template that was not filled in` }]
  if (text.includes("\uFFFD")) return [{ at, warning: "it has bytes in it that are no UTF-8: save the file as UTF-8" }]
  const [unseen] = /[^\p{L}\p{M}\p{N}\p{P}\p{S} \n\r\t]/u.exec(text) ?? []
  return unseen === undefined ? [] : [{ at, warning: `it has ${nameOf(unseen)} in it, which cannot be seen` }]
}

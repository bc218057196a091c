/** Shows networks as trees. */
import type { Node } from "../../text/layout.ts"
import type { Style } from "../../text/text.ts"
import type { NetworkView, PluginUse } from "./views.ts"

/** A network with its version, its plugins and what is special about it. */
export const networkNode = (view: NetworkView, style: Style): Node => ({
  text: `${view.name}  ${view.file}`,
  paint: style.bold,
  below: [
    { text: `cniVersion ${view.cniVersion}, ${view.versionReason}` },
    ...view.plugins.map((plugin) => pluginNode(plugin, style)),
    ...special(view).map((text) => ({ text }))
  ]
})

const pluginNode = ({ path, role, type, versions }: PluginUse, { green, red }: Style): Node => {
  const name = role === "ipam" ? `${type} (addresses)` : type
  if (path === undefined) return { text: `${name}: not found`, paint: red }
  if (versions === undefined) return { text: `${name}: ${path}, which cannot be asked`, paint: red }
  return { text: `${name}: ${path}, speaks ${rangeOf(versions)}`, paint: green }
}

/** The first and the last of some versions. */
export const rangeOf = (versions: ReadonlyArray<string>): string =>
  versions.length > 2 ? `${versions[0]} … ${versions.at(-1)}` : versions.join(", ")

const special = (view: NetworkView): ReadonlyArray<string> => [
  ...(view.capabilities.length > 0 ? [`capabilities: ${view.capabilities.join(", ")}`] : []),
  ...(view.dropIns > 0 ? [`of its plugins, ${view.dropIns} from drop-ins beside the file`] : []),
  ...(view.disableCheck ? ["disableCheck: check does nothing"] : []),
  ...(view.disableGC ? ["disableGC: gc does nothing"] : [])
]

/** Takes every path for another namespace, which stays what it is. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type InterfaceAt, type NamespaceAt, NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"

/** By path: the interfaces in its namespace, by name, each with its MAC address. */
export type Interfaces = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * A path names the same namespace for ever; `/proc/self/ns/net` names our own. An ADD looks only into the namespaces that
 * `interfaces` has.
 */
export const layerWith = (interfaces: Interfaces): Layer.Layer<NetworkNamespaces> =>
  Layer.succeed(
    NetworkNamespaces,
    NetworkNamespaces.of({
      identify: (path) => Effect.succeed(namespaceAt(path)),
      interfaceAt: (path, ifName) => Effect.sync(() => interfaceIn(interfaces[path], ifName))
    })
  )

/** As `layerWith`, where no namespace can be looked into. */
export const layer: Layer.Layer<NetworkNamespaces> = layerWith({})

const namespaceAt = (path: string): NamespaceAt => ({
  _tag: "Namespace",
  id: { device: "0", inode: path, boot: "memory" },
  isOwn: path === "/proc/self/ns/net"
})

const interfaceIn = (interfaces: Readonly<Record<string, string>> | undefined, ifName: string): InterfaceAt => {
  if (interfaces === undefined) return "unseen"
  const mac = interfaces[ifName]
  return mac === undefined ? "absent" : { mac }
}

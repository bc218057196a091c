/** Looks for interfaces in a namespace: `interfaceLook.ts PATH NAME…` writes what is found as JSON, a line each. */
import { NetworkNamespaces } from "effect-cni"
import { NodeNetworkNamespaces } from "effect-cni/node"
import * as Effect from "effect/Effect"

const [path = "", ...names] = process.argv.slice(2)

await Effect.runPromise(
  Effect.forEach(
    names,
    (name) =>
      Effect.map(
        NetworkNamespaces.use((one) => one.interfaceAt(path, name)),
        (found) => console.log(JSON.stringify(found))
      )
  ).pipe(Effect.provide(NodeNetworkNamespaces.layer))
)

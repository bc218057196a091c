/** Takes every path for a namespace of its own, which stays what it is. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { NetworkNamespaces } from "../services/NetworkNamespaces.ts"

/** A path names the same namespace for ever. */
export const layer: Layer.Layer<NetworkNamespaces> = Layer.succeed(
  NetworkNamespaces,
  NetworkNamespaces.of({ identify: (path) => Effect.succeed({ device: "0", inode: path, boot: "memory" }) })
)

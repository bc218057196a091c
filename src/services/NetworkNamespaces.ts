/** Tells network namespaces apart that had the same path one after the other. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { NamespaceId } from "../domain/JournalEntry.ts"

export class NetworkNamespaces extends Context.Service<NetworkNamespaces, {
  /** What a path names at the moment; nothing where there is nothing, or it cannot be told. */
  readonly identify: (path: string) => Effect.Effect<NamespaceId | undefined>
}>()("effect-cni/services/NetworkNamespaces") {}

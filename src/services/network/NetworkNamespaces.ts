/** Tells network namespaces apart that had the same path one after the other, and looks into them. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { NamespaceId } from "../../domain/attachment/JournalEntry.ts"

/** What a path names: a network namespace (`isOwn`: the one that this process runs in), nothing, or another kind of file. */
export type NamespaceAt =
  | { readonly _tag: "Namespace"; readonly id: NamespaceId; readonly isOwn: boolean }
  | { readonly _tag: "Nothing" | "OtherFile" }

/** An interface of a namespace by its MAC address in lower case, or that it is absent; `unseen` where this process cannot look. */
export type InterfaceAt = { readonly mac: string } | "absent" | "unseen"

export class NetworkNamespaces extends Context.Service<NetworkNamespaces, {
  /** What a path names at the moment. The `boot` of its identity is empty where it cannot be read. */
  readonly identify: (path: string) => Effect.Effect<NamespaceAt>
  /** The interface of that name in the namespace that a path names. */
  readonly interfaceAt: (path: string, ifName: string) => Effect.Effect<InterfaceAt>
}>()("effect-cni/services/NetworkNamespaces") {}

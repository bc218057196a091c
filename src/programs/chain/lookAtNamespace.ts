/** Before an ADD: what is in the namespace already is never the ADD's own, and its undo must not delete it. */
import * as Effect from "effect/Effect"
import type { InterfaceLook } from "../../domain/attachment/JournalEntry.ts"
import { InterfaceExists, OwnNamespace } from "../../domain/errors/CniError.ts"
import { NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import * as Tunables from "../../services/Tunables.ts"
import type { Target } from "../attachment/target.ts"

/** Why an ADD is refused by what was seen. */
export type LookError = InterfaceExists | OwnNamespace

/** What was seen, for the journal. */
export interface Seen {
  readonly look: InterfaceLook
  readonly ownNamespace: boolean
}

/** Fails where the namespace is our own, or has the interface, unless the caller allows that. `lo` is in each. */
export const lookAtNamespace = Effect.fnUntraced(function*(
  { conf, key }: Target
): Effect.fn.Return<Seen, LookError, NetworkNamespaces> {
  const netns = conf.netns ?? ""
  if (netns === "") return { look: "unseen", ownNamespace: false }
  const namespaces = yield* NetworkNamespaces
  const found = yield* namespaces.identify(netns)
  // What names no namespace is for the plugins to refuse.
  if (found._tag !== "Namespace") return { look: "unseen", ownNamespace: false }
  if (found.isOwn && (yield* Tunables.OwnNamespace) === "refuse") return yield* new OwnNamespace({ ...key, netns })
  const ownNamespace = found.isOwn
  const existing = yield* Tunables.ExistingInterface
  if (existing === "allow") return { look: "allowed", ownNamespace }
  if (existing === "new namespace" || key.ifName === "lo") return { look: "free", ownNamespace }
  const seen = yield* namespaces.interfaceAt(netns, key.ifName)
  if (typeof seen === "object") return yield* new InterfaceExists({ ...key, netns, mac: seen.mac })
  return { look: seen === "absent" ? "free" : "unseen", ownNamespace }
})

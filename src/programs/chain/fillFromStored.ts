/** Completes the parameters of a DEL from what is stored: plugins, arguments and namespace that the caller does not give. */
import * as Effect from "effect/Effect"
import { deletionChain } from "../../domain/config/DeletionChain.ts"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import { AttachedElsewhere } from "../../domain/errors/CniError.ts"
import { Compat } from "../../services/Tunables.ts"
import { valueOf } from "../attachment/lookUp.ts"
import { listOfEntry, listOfRecord } from "../attachment/restore.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import type { Session } from "../guard/session.ts"
import { chooseNamespace } from "./chooseNamespace.ts"

/**
 * The attachment to delete; `storedOnly`: its plugins that the given chain has no more. Portmap, for one, deletes nothing
 * without the port mappings of the ADD. Fails with `AttachedElsewhere` where nothing is stored of the attachment and
 * another network has the interface in the namespace given.
 */
export const fillFromStored = Effect.fnUntraced(function*(session: Session, given: ValidatedAttachment) {
  const { conf, key, list } = given
  if ((yield* Compat) === "libcni") return { attachment: given, storedOnly: new Set<PluginConfig>() }
  const { netns, owner } = yield* chooseNamespace(session, { netns: conf.netns, isAsked: true })
  if (owner !== undefined && netns !== "") return yield* new AttachedElsewhere({ ...key, netns, existing: owner })
  const added = yield* chainOfAdd(session)
  const steps = deletionChain(list.plugins, added.plugins)
  const storedOnly = new Set(steps.filter(({ isStoredOnly }) => isStoredOnly).map(({ plugin }) => plugin))
  const { args = [], capabilityArgs } = conf
  const attachment: ValidatedAttachment = {
    ...given,
    conf: {
      ...conf,
      netns,
      args: args.length > 0 ? args : added.args,
      capabilityArgs: { ...added.capabilityArgs, ...capabilityArgs }
    },
    list: { ...list, plugins: steps.map(({ plugin }) => plugin) }
  }
  return { attachment, storedOnly }
})

// A chain that cannot be read any more is empty: the given one is run.
const chainOfAdd = Effect.fnUntraced(function*(session: Session) {
  const entry = valueOf(session.entry)
  const record = valueOf(session.record)
  if (entry !== undefined) {
    const list = yield* Effect.orElseSucceed(listOfEntry(entry), () => undefined)
    return { plugins: list?.plugins ?? [], args: entry.cniArgs, capabilityArgs: entry.capabilityArgs }
  }
  if (record?._tag !== "CacheRecord") return { plugins: [], args: [], capabilityArgs: {} }
  const list = yield* listOfRecord(record)
  return { plugins: list?.plugins ?? [], args: record.cniArgs, capabilityArgs: record.capabilityArgs }
})

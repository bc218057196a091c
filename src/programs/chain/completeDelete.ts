/** Completes a DEL from what is stored of its attachment: all of it, or the parameters that the caller does not give. */
import * as Effect from "effect/Effect"
import type { CacheEntry } from "../../domain/attachment/CacheEntry.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import {
  AttachedElsewhere,
  CacheEntryInvalid,
  CacheKindMismatch,
  DetachIncomplete
} from "../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { Compat } from "../../services/Tunables.ts"
import { valueOf } from "../attachment/lookUp.ts"
import { listOfEntry, listOfRecord, restore } from "../attachment/restore.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"
import type { Session } from "../guard/attachmentSession.ts"
import { chooseNamespace, inItsNamespace } from "./chooseNamespace.ts"
import { detachChain } from "./delChain.ts"

/**
 * Deletes an attachment by its journal entry: the parameters, the chain and the last result that are in it. `given`: the
 * ADD whose chain is used instead, and whose arguments come first. `isAsked`: a caller wants the attachment to be deleted.
 */
export const completeDelete = Effect.fnUntraced(function*(
  session: Session,
  entry: JournalEntry,
  { given, isAsked = false }: { readonly given?: ValidatedAttachment; readonly isAsked?: boolean } = {}
) {
  const list = given?.list ?? (yield* Effect.mapError(
    listOfEntry(entry),
    (invalid) => new DetachIncomplete({ ...session.key, failures: [invalid] })
  ))
  const attachment = yield* restore(given === undefined ? entry : withArguments(entry, given), list)
  yield* detachChain(session, yield* inItsNamespace(session, attachment, { isAsked }))
})

const withArguments = (entry: JournalEntry, { conf: { args = [], capabilityArgs } }: ValidatedAttachment) => ({
  ...entry,
  cniArgs: args.length > 0 ? args : entry.cniArgs,
  capabilityArgs: { ...entry.capabilityArgs, ...capabilityArgs }
})

/** Deletes an attachment by the record of a runtime that keeps no journal. */
export const deleteByRecord = Effect.fnUntraced(function*(session: Session, record: CacheEntry) {
  const { network } = session.key
  const path = (yield* AttachmentCache).pathOf(session.key)
  const invalid = (issue: string) => new CacheEntryInvalid({ network, path, issue })
  if (record._tag === "ForeignEntry") {
    return yield* record.issue === undefined
      ? new CacheKindMismatch({ network, path, kind: record.kind })
      : invalid(record.issue)
  }
  const list = yield* listOfRecord(record)
  if (list === undefined) return yield* invalid("it holds no configuration that can be used")
  const attachment = yield* restore(record, list)
  yield* detachChain(session, yield* inItsNamespace(session, attachment, { isAsked: true }))
})

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

/** A plugin of a DEL. `isStoredOnly`: it was in the chain of the ADD, and is in the given one no more. */
export interface DeletionStep {
  readonly plugin: PluginConfig
  readonly isStoredOnly: boolean
}

/**
 * The given plugins in the order of the stored ones: the first `bridge` of one chain is the first `bridge` of the other,
 * and so on. Plugins that only the stored chain has keep their place; those that only the given chain has come last. What
 * is in both is configured as the given chain says.
 */
export const deletionChain = (
  given: ReadonlyArray<PluginConfig>,
  stored: ReadonlyArray<PluginConfig>
): ReadonlyArray<DeletionStep> => {
  const left = [...given]
  const inBoth = stored.map((plugin): DeletionStep => {
    const at = left.findIndex(({ type }) => type === plugin.type)
    const [configured] = at === -1 ? [] : left.splice(at, 1)
    return { plugin: configured ?? plugin, isStoredOnly: configured === undefined }
  })
  return [...inBoth, ...left.map((plugin) => ({ plugin, isStoredOnly: false }))]
}

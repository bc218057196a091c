/** Detaches a container from all networks, by what is stored of its attachments. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../../../domain/attachment/AttachmentKey.ts"
import { isOfNetwork } from "../../../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid } from "../../../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../../../services/attachment/AttachmentJournal.ts"
import { getCachedAttachments } from "../../../cached.ts"
import { delAttachment } from "../../../detach.ts"
import type { Answer } from "../../call/handler.ts"
import { errorToJson } from "../../failure/envelope.ts"
import { leftBehind } from "../../failure/suggestedCommands.ts"
import type { Settings } from "../../flags.ts"
import { escapeControls, textOfLines } from "../../text/text.ts"

/** Only from one interface where the call names one. It goes on past failures, and the answer has every one. */
export const detachAll = Effect.fnUntraced(function*(containerId: string, settings: Settings) {
  const { damaged, keys } = yield* storedOf(containerId)
  const ifName = Option.getOrUndefined(settings.ifNameFlag)
  const named = keys.filter((key) => ifName === undefined || key.ifName === ifName)
  const [detached, stuck] = yield* Effect.partition(named, (key) =>
    delAttachment(key).pipe(
      Effect.catchTag("NotAttached", () => Effect.void),
      Effect.mapBoth({ onSuccess: () => key, onFailure: (error) => ({ key, error }) })
    ))
  const lines = [
    ...detached.map(({ ifName, network }) => `detached ${containerId}:${ifName} from ${network}`),
    ...damaged.map(({ message }) => `failed   ${message}`),
    ...stuck.flatMap(({ error, key }) => [
      `failed   ${error.message}`,
      ...leftBehind(key, settings).map((line) => `         ${line}`)
    ])
  ]
  const nothing = `nothing is stored of ${containerId} in ${settings.places.cacheDir}`
  const errors = [...damaged, ...stuck.map(({ error }) => error)]
  const answer: Answer = {
    status: errors.length === 0 ? 0 : 1,
    result: { containerId, detached: detached.map((key) => ({ ...key })), failing: errors.map(errorToJson) },
    text: textOfLines((lines.length === 0 ? [nothing] : lines).map(escapeControls))
  }
  return answer
})

/** The attachments of a container: each has a record, a journal entry or both. */
const storedOf = Effect.fnUntraced(function*(containerId: string) {
  const records = yield* getCachedAttachments({ containerId })
  const journal = yield* (yield* AttachmentJournal).list(containerId)
  const entries = journal.entries.filter((entry) => !isOfNetwork(entry) && entry.containerId === containerId)
  const all = [...records, ...entries].map(AttachmentKey.of)
  const keys = all.filter((key, at) => all.findIndex((other) => AttachmentKey.equals(other, key)) === at)
  const files = yield* (yield* AttachmentCache).files
  const damaged = files.flatMap(({ content, path }) =>
    Result.isFailure(content) ? [new CacheEntryInvalid({ network: "", path, issue: content.failure })] : []
  )
  // An unreadable file has only its name to go by.
  const isOwn = AttachmentKey.mayBelongTo(containerId)
  const readable = new Set(keys.map(AttachmentKey.fileName))
  return {
    keys,
    damaged: [...damaged, ...journal.damaged].filter(({ path }) => {
      const name = path.slice(path.lastIndexOf("/") + 1)
      return isOwn(name) && !readable.has(name)
    })
  }
})

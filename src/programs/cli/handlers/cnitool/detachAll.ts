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
import { delAttachment, type DelAttachmentError } from "../../../detach.ts"
import type { Answer } from "../../call/handler.ts"
import { errorToJson } from "../../failure/envelope.ts"
import { leftBehind } from "../../failure/suggestedCommands.ts"
import type { Settings } from "../../flags/settings.ts"
import { escapeControls } from "../../text/escape.ts"
import { textOfLines } from "../../text/lines.ts"

interface Failed {
  readonly key?: AttachmentKey.AttachmentKey
  readonly error: DelAttachmentError
}

/** Only from one interface where the call names one. It goes on past failures, and the answer has every one. */
export const detachAll = Effect.fnUntraced(function*(containerId: string, settings: Settings) {
  const { damaged, keys } = yield* storedOf(containerId)
  const ifName = Option.getOrUndefined(settings.ifNameFlag)
  const detached: Array<AttachmentKey.AttachmentKey> = []
  const failing: Array<Failed> = damaged.map((error) => ({ error }))
  // One after the other, since each takes the container's lock.
  for (const key of keys.filter((key) => ifName === undefined || key.ifName === ifName)) {
    const outcome = yield* Effect.result(delAttachment(key))
    if (Result.isFailure(outcome) && outcome.failure._tag !== "NotAttached") {
      failing.push({ key, error: outcome.failure })
    } else detached.push(key)
  }
  const lines = [
    ...detached.map(({ ifName, network }) => `detached ${containerId}:${ifName} from ${network}`),
    ...failing.flatMap(({ error, key }) => [
      `failed   ${error.message}`,
      ...(key === undefined ? [] : leftBehind(key, settings)).map((line) => `         ${line}`)
    ]),
    ...(detached.length + failing.length === 0
      ? [`nothing is stored of ${containerId} in ${settings.places.cacheDir}`]
      : [])
  ]
  const answer: Answer = {
    ok: failing.length === 0,
    result: {
      containerId,
      detached: detached.map((key) => ({ ...key })),
      failing: failing.map(({ error }) => errorToJson(error))
    },
    text: textOfLines(lines.map(escapeControls))
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
  const damaged = [...(yield* damagedRecords), ...journal.damaged]
  // An unreadable file has only its name to go by.
  const isOwn = AttachmentKey.mayBelongTo(containerId)
  const readable = new Set(keys.map(AttachmentKey.fileName))
  return {
    keys,
    damaged: damaged.filter(({ path }) => {
      const name = path.slice(path.lastIndexOf("/") + 1)
      return isOwn(name) && !readable.has(name)
    })
  }
})

const damagedRecords = Effect.gen(function*() {
  const files = yield* (yield* AttachmentCache).files
  return files.flatMap(({ content, path }) =>
    Result.isFailure(content) ? [new CacheEntryInvalid({ network: "", path, issue: content.failure })] : []
  )
})

/** Detaches all that is stored of a container, by what is stored of it. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../../domain/attachment/AttachmentKey.ts"
import { isOfNetwork } from "../../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid } from "../../../domain/errors/CniError.ts"
import { AttachmentCache } from "../../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../../services/attachment/AttachmentJournal.ts"
import { getCachedAttachments } from "../../cached.ts"
import { delAttachment, type DelAttachmentError } from "../../detach.ts"
import type { Answer } from "./commanding.ts"
import { abandonOf, recoverOf, toRun } from "./commands.ts"
import { membersOf } from "./envelope.ts"
import { harmless } from "./harmless.ts"
import type { Settings } from "./settings.ts"

interface Failed {
  readonly key: AttachmentKey.AttachmentKey | undefined
  readonly error: DelAttachmentError
}

/** Of one interface where one is named. It goes on past failures, of which the answer has every one. */
export const detachAll = Effect.fnUntraced(
  function*(containerId: string, ifName: Option.Option<string>, settings: Settings) {
    const { damaged, keys } = yield* storedOf(containerId)
    const named = keys.filter((key) => Option.isNone(ifName) || key.ifName === ifName.value)
    const detached: Array<AttachmentKey.AttachmentKey> = []
    const failing: Array<Failed> = damaged.map((error) => ({ key: undefined, error }))
    // One after the other, since each takes the container's lock.
    for (const key of named) {
      const outcome = yield* Effect.result(delAttachment(key))
      if (Result.isFailure(outcome) && outcome.failure._tag !== "NotAttached") {
        failing.push({ key, error: outcome.failure })
      } else detached.push(key)
    }
    return answerOf(containerId, { detached, failing }, settings)
  }
)

/** An attachment may have a record, or a journal entry alone, or both. */
const storedOf = Effect.fnUntraced(function*(containerId: string) {
  const records = yield* getCachedAttachments({ containerId })
  const journal = yield* (yield* AttachmentJournal).list(containerId)
  const entries = journal.entries.filter((entry) => !isOfNetwork(entry) && entry.containerId === containerId)
  const all = [...records, ...entries].map(AttachmentKey.of)
  const keys = all.filter((key, at) => all.findIndex((other) => AttachmentKey.equals(other, key)) === at)
  const damaged = [...(yield* damagedRecords), ...journal.damaged]
  // Of what cannot be read, the file's name is all that there is.
  const isOwn = AttachmentKey.mayBelongTo(containerId)
  const known = new Set(keys.map(AttachmentKey.fileName))
  return {
    keys,
    damaged: damaged.filter(({ path }) => {
      const name = path.slice(path.lastIndexOf("/") + 1)
      return isOwn(name) && !known.has(name)
    })
  }
})

const damagedRecords = Effect.gen(function*() {
  const cache = yield* AttachmentCache
  return (yield* cache.files).flatMap(({ content, path }): ReadonlyArray<CacheEntryInvalid> =>
    Result.isFailure(content) ? [new CacheEntryInvalid({ network: "", path, issue: content.failure })] : []
  )
})

interface Outcome {
  readonly detached: ReadonlyArray<AttachmentKey.AttachmentKey>
  readonly failing: ReadonlyArray<Failed>
}

const answerOf = (containerId: string, { detached, failing }: Outcome, settings: Settings): Answer => {
  const lines = [
    ...detached.map(({ ifName, network }) => `detached ${containerId}:${ifName} from ${network}`),
    ...failing.flatMap(({ error, key }) => [`failed   ${error.message}`, ...adviceOn(key, settings)]),
    ...(detached.length + failing.length === 0
      ? [`nothing is stored of ${containerId} in ${settings.places.cacheDir}`]
      : [])
  ]
  return {
    ok: failing.length === 0,
    result: {
      containerId,
      detached: detached.map((key) => ({ ...key })),
      failing: failing.map(({ error }) => ({ ...membersOf(error), _tag: error._tag, message: error.message }))
    },
    text: lines.map((line) => `${harmless(line)}\n`).join("")
  }
}

const adviceOn = (key: AttachmentKey.AttachmentKey | undefined, settings: Settings): ReadonlyArray<string> =>
  (key === undefined ? [] : [
    ...toRun("when its plugins work again", recoverOf(settings)),
    ...toRun("to forget it, when they never will", abandonOf(key, settings))
  ]).map((line) => `         ${line}`)

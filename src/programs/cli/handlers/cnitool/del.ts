/** Detaches a container: from one network, by its configuration if there is one, or from all, by what is stored. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../../../domain/attachment/AttachmentKey.ts"
import { isOfNetwork } from "../../../../domain/attachment/JournalEntry.ts"
import { CacheEntryInvalid } from "../../../../domain/errors/CniError.ts"
import { UsageError } from "../../../../domain/errors/CommandError.ts"
import { AttachmentCache } from "../../../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../../../services/attachment/AttachmentJournal.ts"
import { NetworkConfigs } from "../../../../services/network/NetworkConfigs.ts"
import { getCachedAttachments } from "../../../cachedAttachments.ts"
import { delNetworkList } from "../../../delNetworkList.ts"
import { delAttachment } from "../../../detach.ts"
import { type Answer, type Call, handler, operating, remark } from "../../call/handler.ts"
import { errorToJson } from "../../failure/envelope.ts"
import { inLibcniWords } from "../../failure/failure.ts"
import { leftBehind, recoverOf } from "../../failure/suggestedCommands.ts"
import type { Settings } from "../../flags.ts"
import { escapeControls, textOfLines } from "../../text/text.ts"
import { type AttachmentArgs, confOf, namespaceFor } from "./attachmentArgs.ts"

/** Without a network, the container is detached from all. */
export interface DelArgs extends Pick<AttachmentArgs, "netns"> {
  readonly network: Option.Option<string>
  readonly all: boolean
}

export const del = handler("del", operating, function*({ all, netns: given, network }: DelArgs, call) {
  if (all && Option.isSome(network)) return yield* contradiction
  const isNamed = [network, call.containerId, call.netns, all ? given : Option.none()].some(Option.isSome)
  if (!isNamed) return yield* nothingNamed
  yield* call.leaves(`some plugins may not have been asked; to go on:\n  ${recoverOf(call)}`)
  const netns = yield* namespaceFor("del", { netns: given }, call)
  if (Option.isSome(network)) return yield* detachFrom(network.value, netns, call)
  const { containerId } = yield* confOf(netns, call)
  return yield* detachAll(containerId, call)
})

const usage = "effect-cni del (NETWORK NETNS | NETWORK --container-id ID | --all --container-id ID)"

const contradiction = new UsageError({
  problems: ["--all detaches from all networks, so there can be no NETWORK beside it"],
  usage
})

const nothingNamed = new UsageError({
  problems: ["del needs a network, or a container to detach from all networks: --container-id ID, or --netns PATH"],
  usage,
  libcni: "requires at least 2 arg(s), only received 0"
})

const detachFrom = Effect.fnUntraced(function*(network: string, netns: Option.Option<string>, call: Call) {
  const loaded = yield* Effect.result(NetworkConfigs.load(network))
  const conf = yield* confOf(netns, call)
  if (Result.isSuccess(loaded)) {
    yield* delNetworkList(loaded.success, conf).pipe(inLibcniWords("delNetworkList", loaded.success))
    return { result: null }
  }
  const { containerId, ifName } = conf
  const reason = loaded.failure
  yield* delAttachment({ network, containerId, ifName }).pipe(
    Effect.catchTag("NotAttached", () => Effect.fail(reason))
  )
  yield* remark(`warning: ${reason.message}: detached by what is stored`, call)
  return { result: { network, containerId, ifName, by: "stored", reason: reason._tag } }
})

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

/** Restores from what is stored of an attachment what an operation on it needs: chain, parameters, result and namespace. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { CacheEntry, CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import * as NetworkConfigList from "../../domain/config/NetworkConfigList.ts"
import * as PluginConfig from "../../domain/config/PluginConfig.ts"
import { CacheEntryInvalid } from "../../domain/errors/CniError.ts"
import * as CniResult from "../../domain/result/CniResult.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { VersionComparison } from "../../services/plugin/VersionComparison.ts"
import { JsonLimit } from "../../services/Tunables.ts"
import { type StoredAttachment, valueOf } from "./lookUp.ts"
import type { NamedAttachment, ValidatedAttachment } from "./ValidatedAttachment.ts"

/** The attachment of an entry or a record, with the chain that deletes it. Its parameters are used as they are stored. */
export const restore = Effect.fnUntraced(function*(
  stored: JournalEntry | CacheRecord,
  list: NetworkConfigList.NetworkConfigList
): Effect.fn.Return<ValidatedAttachment, never, VersionComparison> {
  const { capabilityArgs, cniArgs, containerId, ifName, netns } = stored
  const conf = { containerId, ifName, netns, args: cniArgs, capabilityArgs }
  const versions = yield* VersionComparison
  const hasCheck = yield* Effect.orElseSucceed(versions.isAtLeast(list.cniVersion, "0.4.0"), () => true)
  return { list, conf, key: AttachmentKey.of(stored), hasCheck }
})

/** The chain in an entry. Fails with `CacheEntryInvalid` when it cannot be used. */
export const listOfEntry = Effect.fnUntraced(function*(
  entry: JournalEntry
): Effect.fn.Return<NetworkConfigList.NetworkConfigList, CacheEntryInvalid, AttachmentJournal | VersionComparison> {
  const path = (yield* AttachmentJournal).pathOf(entry)
  const invalid = (issue: string) => new CacheEntryInvalid({ network: entry.network, path, issue })
  const plugins = yield* Effect.fromResult(Result.all(entry.plugins.map((json) => PluginConfig.fromJson(json)))).pipe(
    Effect.mapError(({ at, reason }) => invalid(`plugins: ${at}: ${reason}`))
  )
  yield* (yield* VersionComparison).parse(entry.cniVersion).pipe(Effect.mapError(({ message }) => invalid(message)))
  return {
    name: entry.network,
    cniVersion: entry.cniVersion,
    disableCheck: false,
    disableGC: false,
    loadOnlyInlinedPlugins: true,
    plugins,
    bytes: new Uint8Array()
  }
})

/** The chain in a record, if it can be used. The configuration of a single plugin becomes a chain. */
export const listOfRecord = Effect.fnUntraced(function*({ config, network }: CacheRecord) {
  const versions = yield* VersionComparison
  const limits = yield* JsonLimit
  const single = Effect.map(PluginConfig.fromBytes(config, limits), NetworkConfigList.ofPlugin)
  for (const reading of [NetworkConfigList.fromBytes(config, limits), single]) {
    const read = yield* Effect.result(reading)
    if (Result.isFailure(read)) continue
    const list = read.success
    const isUsable = list.name === network && list.plugins.length > 0
    if (isUsable && Result.isSuccess(yield* Effect.result(versions.parse(list.cniVersion)))) return list
  }
  return undefined
})

/** The result of a cache entry. Fails with `CacheEntryInvalid` when it is none, or cannot be converted. */
export const resultOf = Effect.fnUntraced(function*(
  entry: CacheEntry,
  { key: { network }, key, list }: NamedAttachment
): Effect.fn.Return<CniResult.CniResult, CacheEntryInvalid, AttachmentCache> {
  const path = (yield* AttachmentCache).pathOf(key)
  const invalid = (issue: string) => new CacheEntryInvalid({ network, path, issue })
  const json = entry._tag === "CacheRecord" ? entry.result : entry.json
  // Only plugins are forgiven a version that is no text.
  if (!["string", "undefined"].includes(typeof (json["cniVersion"] ?? undefined))) {
    const issue = "its result: cniVersion must be a string"
    return yield* new CacheEntryInvalid({ network, path, issue, decoding: "version" })
  }
  const stored = yield* Effect.fromResult(CniResult.fromJson(json, "")).pipe(
    Effect.mapError(({ at, reason }) => invalid(at === "" || at === "cniVersion" ? reason : `${at}: ${reason}`))
  )
  return yield* Effect.fromResult(CniResult.convert(stored, list.cniVersion)).pipe(
    Effect.mapError(({ reason }) =>
      invalid(`failed to convert cached result to config version "${list.cniVersion}": ${reason}`)
    )
  )
})

/** The path of the ADD; of a record without one the path that its result has for the interface, if that is still there. */
export const storedPath = Effect.fnUntraced(function*(stored: StoredAttachment) {
  const entry = valueOf(stored.entry)
  const record = valueOf(stored.record)
  const path = entry?.netns || (record?._tag === "CacheRecord" ? record.netns : "")
  if (path !== "") return path
  const json = record?._tag === "CacheRecord" ? record.result : entry?.result ?? record?.json ?? {}
  const made = sandboxIn(stored.key, json)
  return made !== undefined && (yield* isStillThere(made)) ? made.sandbox : ""
})

/** The path that a record names, or its result; empty where neither does. */
export const pathIn = (record: CacheRecord): string => record.netns || (sandboxIn(record, record.result)?.sandbox ?? "")

/** An interface that a result has in a namespace. */
export interface SandboxedInterface {
  readonly ifName: string
  readonly sandbox: string
  readonly mac: string
}

/** What a result says of an interface in a namespace, where it says where that is. */
export const sandboxIn = (
  { ifName }: Pick<AttachmentKey.AttachmentKey, "ifName">,
  json: CniResult.CniResult["json"]
): SandboxedInterface | undefined => {
  const result = Result.getOrElse(CniResult.fromJson(json, ""), () => undefined)
  const made = result?.interfaces.find(({ name, sandbox }) => name === ifName && (sandbox ?? "") !== "")
  return made?.sandbox === undefined ? undefined : { ifName, sandbox: made.sandbox, mac: made.mac?.toLowerCase() ?? "" }
}

/** Whether the interface is there, by its MAC address. */
export const isStillThere = Effect.fnUntraced(function*({ ifName, mac, sandbox }: SandboxedInterface) {
  const found = yield* (yield* NetworkNamespaces).interfaceAt(sandbox, ifName)
  return typeof found === "object" && mac !== "" && found.mac === mac
})

/** What an operation on an attachment is about, from what is stored of it alone. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as AttachmentKey from "../../domain/attachment/AttachmentKey.ts"
import type { CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import type { JournalEntry } from "../../domain/attachment/JournalEntry.ts"
import * as NetworkConfigList from "../../domain/config/NetworkConfigList.ts"
import * as PluginConfig from "../../domain/config/PluginConfig.ts"
import { CacheEntryInvalid } from "../../domain/errors/CniError.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { VersionComparison } from "../../services/plugin/VersionComparison.ts"
import { JsonLimit } from "../../services/Tunables.ts"
import type { Target } from "./target.ts"

/** The chain of an entry; its version is known. */
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

/** What an entry is about, with the list that undoes it. Its values are used as they are stored. */
export const targetOf = Effect.fnUntraced(function*(entry: JournalEntry, list: NetworkConfigList.NetworkConfigList) {
  const { capabilityArgs, cniArgs, containerId, ifName, netns } = entry
  const conf = { containerId, ifName, netns, args: cniArgs, capabilityArgs }
  const hasCheck = yield* Effect.orElseSucceed(hasCheckIn(list), () => true)
  return { list, conf, key: AttachmentKey.of(entry), hasCheck } satisfies Target
})

/** What a record is about, with a list that can undo it. No namespace is known of it but a path. */
export const targetOfRecord = Effect.fnUntraced(
  function*(list: NetworkConfigList.NetworkConfigList, record: CacheRecord) {
    const { capabilityArgs, cniArgs, containerId, ifName, netns } = record
    const conf = { containerId, ifName, netns, args: cniArgs, capabilityArgs }
    return { list, conf, key: AttachmentKey.of(record), hasCheck: yield* hasCheckIn(list) } satisfies Target
  }
)

const hasCheckIn = ({ cniVersion }: NetworkConfigList.NetworkConfigList) =>
  VersionComparison.use((versions) => versions.isAtLeast(cniVersion, "0.4.0"))

/** The list in a record, if it can be used: a plugin of its own becomes one. */
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

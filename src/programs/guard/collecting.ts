/** A GC by plugins, written down while it lasts: one that outlives its runtime must end before anybody else goes on. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type JournalEntry, networkKey } from "../../domain/attachment/JournalEntry.ts"
import type { NetworkConfigList } from "../../domain/config/NetworkConfigList.ts"
import type { CacheIoError } from "../../domain/errors/CniError.ts"
import { AttachmentJournal } from "../../services/attachment/AttachmentJournal.ts"
import { LeftoverPlugins } from "../../services/plugin/LeftoverPlugins.ts"
import { Compat } from "../../services/Tunables.ts"
import type { Watch } from "../plugin/invokePlugin.ts"
import * as Journaling from "./journaling.ts"

/** What dealing with a GC needs that was left. */
export type SettleRequirements = AttachmentJournal | LeftoverPlugins

/** With the network's lock held, whoever wrote down a GC is dead: its plugin is waited for, and forgotten. */
export const settleCollection = Effect.fnUntraced(function*(
  network: string
): Effect.fn.Return<void, never, SettleRequirements> {
  if ((yield* Compat) === "libcni") return
  const journal = yield* AttachmentJournal
  const key = networkKey(network)
  const left = yield* Effect.orElseSucceed(journal.get(key), Option.none)
  if (Option.isNone(left)) return
  yield* (yield* LeftoverPlugins).settle(left.value)
  yield* Journaling.forgetful(journal.remove(key))
})

/** The journal's entries of one container, on all networks; or why they cannot be listed, for whoever needs them. */
export type ContainerEntries = Result.Result<ReadonlyArray<JournalEntry>, CacheIoError>

/** With a container's lock held, whoever was at it is dead: what goes on of its plugins, on all networks, is waited for. */
export const settleContainer = Effect.fnUntraced(function*(
  containerId: string
): Effect.fn.Return<ContainerEntries, never, SettleRequirements> {
  if ((yield* Compat) === "libcni") return Result.succeed([])
  const journal = yield* AttachmentJournal
  const listing = Effect.result(Effect.map(journal.list(containerId), ({ entries }) => entries))
  const listed = yield* listing
  const unfinished = Result.getOrElse(listed, () => []).filter(({ state }) => state !== "attached")
  if (unfinished.length === 0) return listed
  const { settle } = yield* LeftoverPlugins
  yield* Effect.forEach(unfinished, settle, { discard: true })
  // That can take a minute, in which a scope may have given over what it held.
  return yield* listing
})

/** Runs what collects, and keeps it written down for as long. */
export const collecting = <A, E, R>(
  list: NetworkConfigList,
  body: (watch: Watch | undefined) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Journaling.Requirements> =>
  Effect.gen(function*() {
    if ((yield* Compat) === "libcni") return yield* body(undefined)
    const journal = yield* AttachmentJournal
    const key = networkKey(list.name)
    const begun = Journaling.beginGc({ list, key, conf: { containerId: "", ifName: "" }, hasCheck: true })
    const watch = yield* Journaling.watching(key)
    return yield* Effect.acquireUseRelease(begun, () => body(watch), () => Journaling.forgetful(journal.remove(key)))
  })

/** A DEL with what its ADD was given: plugins, arguments and namespace that the caller does not give are the stored ones. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { RuntimeConf } from "../../domain/attachment/RuntimeConf.ts"
import { deletionChain } from "../../domain/config/DeletionChain.ts"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import { AttachedElsewhere } from "../../domain/errors/CniError.ts"
import type { JsonObject } from "../../domain/json/Json.ts"
import type { VersionComparison } from "../../services/plugin/VersionComparison.ts"
import { Compat } from "../../services/Tunables.ts"
import type { Known } from "../attachment/known.ts"
import { listOfEntry, listOfRecord } from "../attachment/stored.ts"
import type { Target } from "../attachment/target.ts"
import type { ContainerEntries } from "../guard/collecting.ts"
import { delNamespace, type Requirements as NamespaceRequirements } from "./delNamespace.ts"

/** What to detach; `isStoredOnly` tells the plugins that the given chain has no more. */
export interface AsAdded {
  readonly target: Target
  readonly isStoredOnly: (plugin: PluginConfig) => boolean
}

/**
 * Portmap, for one, deletes nothing without the port mappings of the ADD. Fails with `AttachedElsewhere` where nothing is
 * stored of the attachment and another network has the interface in the namespace given.
 */
export const asAdded = Effect.fnUntraced(function*(
  target: Target,
  known: Known,
  entries?: ContainerEntries
): Effect.fn.Return<AsAdded, AttachedElsewhere, NamespaceRequirements | VersionComparison> {
  const { conf, key, list } = target
  if ((yield* Compat) === "libcni") return { target, isStoredOnly: () => false }
  const choice = { netns: conf.netns ?? "", isAsked: true, ...(entries !== undefined && { entries }) }
  const { netns, owner } = yield* delNamespace(key, known, choice)
  if (owner !== undefined && netns !== "") return yield* new AttachedElsewhere({ ...key, netns, existing: owner })
  const stored = yield* storedOf(known)
  const steps = deletionChain(list.plugins, stored.plugins)
  const storedOnly = new Set(steps.filter(({ isStoredOnly }) => isStoredOnly).map(({ plugin }) => plugin))
  const asked: RuntimeConf = {
    ...conf,
    netns,
    args: (conf.args ?? []).length > 0 ? conf.args ?? [] : stored.args,
    capabilityArgs: { ...stored.capabilityArgs, ...conf.capabilityArgs }
  }
  return {
    target: { ...target, conf: asked, list: { ...list, plugins: steps.map(({ plugin }) => plugin) } },
    isStoredOnly: (plugin) => storedOnly.has(plugin)
  }
})

interface Stored {
  readonly plugins: ReadonlyArray<PluginConfig>
  readonly args: NonNullable<RuntimeConf["args"]>
  readonly capabilityArgs: JsonObject
}

// A chain that cannot be read any more is none: the given one is run.
const storedOf = Effect.fnUntraced(function*({ entry, record }: Known) {
  const begun = Result.getOrElse(entry, () => undefined)
  if (begun !== undefined) {
    const list = Result.getOrUndefined(yield* Effect.result(listOfEntry(begun)))
    const { capabilityArgs, cniArgs } = begun
    return { plugins: list?.plugins ?? [], args: cniArgs, capabilityArgs } satisfies Stored
  }
  const recorded = Result.getOrElse(record, () => undefined)
  if (recorded?._tag !== "CacheRecord") return { plugins: [], args: [], capabilityArgs: {} } satisfies Stored
  const list = yield* listOfRecord(recorded)
  const { capabilityArgs, cniArgs } = recorded
  return { plugins: list?.plugins ?? [], args: cniArgs, capabilityArgs } satisfies Stored
})

/** Which plugins a DEL runs: those of the ADD, as they are configured now, and those that were added since. */
import type { PluginConfig } from "./PluginConfig.ts"

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

/** Plugins in memory that allocate, so that a test can see what is left, and what must be there together. */
import { AttachmentCache, AttachmentJournal, AttachmentKey, type PluginRequest } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"

/** What plugins hold at the moment, as `plugin network container interface`. */
export type Ledger = Set<string>

const nameOf = ({ containerId, ifName, network, plugin }: PluginRequest.PluginInvocation) =>
  `${plugin} ${network} ${containerId} ${ifName}`

/** A plugin that allocates with ADD and lets go with DEL, each as often as it is asked. */
export const allocating = (ledger: Ledger): MemoryCni.Answering => (invocation) => {
  if (invocation.command === "ADD") ledger.add(nameOf(invocation))
  if (invocation.command === "DEL") ledger.delete(nameOf(invocation))
  return invocation.command === "ADD" ? MemoryCni.passThrough(invocation) : new MemoryCni.Reply({})
}

/** What is stored and allocated of each attachment, where that is not all or nothing; to be empty when all is quiet. */
export const untidy = (
  ledger: Ledger,
  plugins: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, never, AttachmentCache | AttachmentJournal> =>
  Effect.gen(function*() {
    const { damaged, entries } = yield* Effect.orDie((yield* AttachmentJournal).list())
    const records = yield* Effect.orDie((yield* AttachmentCache).list())
    const names = new Set([...ledger].map((name) => name.split(" ").slice(1).join(" ")))
    for (const key of [...entries, ...records].map(AttachmentKey.of)) names.add(text(key))
    const broken = [...names].flatMap((name) => {
      const entry = entries.find((one) => text(one) === name)
      const hasRecord = records.some((one) => text(one) === name)
      const held = plugins.filter((plugin) => ledger.has(`${plugin} ${name}`))
      const isAttached = entry?.state === "attached" && hasRecord && held.length === plugins.length
      return isAttached
        ? []
        : [`${name}: ${entry?.state ?? "no entry"}, record ${hasRecord}, held by ${held.join(" ")}`]
    })
    return [...broken, ...damaged.map(({ message }) => message)]
  })

const text = ({ containerId, ifName, network }: AttachmentKey.AttachmentKey) => `${network} ${containerId} ${ifName}`

/** Drivers with ledger plugins, which know exactly what is allocated to whom. */
import { AttachmentKey, JournalEntry, Json } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Crypto from "node:crypto"
import * as Path from "node:path"
import { writeFile } from "../support/directory.ts"
import type { Arena, Findings } from "./arena.ts"
import type { Fate } from "./chronicle.ts"
import { allocationsIn, clearLedger, problemsIn } from "./ledger.ts"
import { ledgerTypes, writeLedgerPlugins } from "./ledgerPlugin.ts"
import type { Stored } from "./stored.ts"

/** A new arena in a directory. */
export const ledgerArena = (directory: string): Arena => {
  const plugins = Path.join(directory, "plugins")
  const cacheDir = Path.join(directory, "cache")
  // Leftover plugins are known by container: nobody else on this host may have the same.
  const prefix = `f${Crypto.randomBytes(4).toString("hex")}`
  writeLedgerPlugins(directory)
  const containers = Array.from({ length: 5 }, (_, index) => ({
    containerId: `${prefix}${index}`,
    netns: writeFile(directory, `namespaces/${index}`, ""),
    ifNames: ["eth0", "eth1"],
    capabilityArgs: {}
  }))
  return {
    plan: {
      directory,
      cacheDir,
      pluginPaths: [plugins],
      networks: [{ name: "north", real: null }, { name: "south", real: null }],
      containers,
      interrupting: 0.15
    },
    layer: NodeCni.layer({ pluginPaths: [plugins], cacheDir }),
    prepare: () => clearLedger(directory),
    inspect: (fates, stored) => {
      const found = inspectAll(allocationsIn(directory), fates, stored)
      return { ...found, problems: [...found.problems, ...problemsIn(directory)] }
    }
  }
}

const inspectAll = (
  allocations: ReadonlyMap<string, string>,
  fates: ReadonlyMap<string, Fate>,
  { entries, records }: Stored
): Findings => {
  const held = new Map<string, Array<string>>()
  for (const [file, id] of allocations) {
    const [plugin = "", ...key] = file.split(",")
    const name = key.join("-")
    held.set(name, [...held.get(name) ?? [], `${plugin} for ${id}`])
  }
  const live: Array<AttachmentKey.AttachmentKey> = []
  const problems: Array<string> = []
  for (const name of new Set([...fates.keys(), ...entries.keys(), ...records.keys(), ...held.keys()])) {
    const record = records.get(name)
    const entry = entries.get(name)
    const own = held.get(name) ?? []
    const id = record === undefined ? "" : idOf(record.result)
    const isUp = record !== undefined && entry !== undefined && !entry.scoped &&
      JournalEntry.standing(entry, record) === "attached" &&
      ledgerTypes.every((type) => own.includes(`${type} for ${id}`))
    const isGone = record === undefined && entry === undefined && own.length === 0
    const fate = fates.get(name) ?? "gone"
    if (isUp) live.push(AttachmentKey.of(record))
    if (isUp ? fate === "gone" : !isGone || fate === "live") {
      const state = entry === undefined ? "no entry" : `${entry.scoped ? "scoped " : ""}entry ${JSON.stringify(entry)}`
      problems.push(
        `${name} should be ${fate}: ${record ? `record of ${id}` : "no record"}; ${state}; ` +
          `allocations: ${own.join(", ") || "none"}`
      )
    }
  }
  return { live, problems }
}

// The ledger's results say which operation made them.
const idOf = ({ dns }: Json.JsonObject): string =>
  Json.isJsonObject(dns) && typeof dns["domain"] === "string" ? dns["domain"] : "?"

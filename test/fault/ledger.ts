/** What the ledger plugins have done: what is allocated, what ran when, and whether that was in order. */
import type { AttachmentKey } from "effect-cni"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** A run of a plugin. `owner` is `<container ID>,<interface>`; of a GC nobody. */
interface Run {
  readonly pid: string
  readonly command: string
  readonly plugin: string
  readonly owner: string
  network: string
}

/** The ID of the ADD that made it, by `<plugin>,<network>,<container ID>,<interface>`. */
export const allocationsIn = (base: string): ReadonlyMap<string, string> => {
  const directory = Path.join(base, "allocations")
  const names = Fs.readdirSync(directory).filter((name) => !name.startsWith("."))
  return new Map(names.map((name) => [name, Fs.readFileSync(Path.join(directory, name), "utf8").trim()]))
}

/** Whether each of these plugins has something allocated for an attachment. */
export const isAllocated = (
  base: string,
  plugins: ReadonlyArray<string>,
  { containerId, ifName, network }: AttachmentKey.AttachmentKey
): boolean =>
  plugins.every((plugin) =>
    Fs.existsSync(Path.join(base, "allocations", [plugin, network, containerId, ifName].join()))
  )

/** Forgets what was said so far. */
export const clearLedger = (base: string): void => Fs.writeFileSync(Path.join(base, "log"), "")

/**
 * What the log says that may not be: two runs of one container's interface at once, a GC beside anything else on its
 * network, an ADD that finds something allocated already, a GC that finds something that no DEL has refused to free.
 */
export const problemsIn = (base: string): ReadonlyArray<string> => {
  const open = new Map<string, Run>()
  const troubled = new Set<string>()
  const problems: Array<string> = []
  for (const line of Fs.readFileSync(Path.join(base, "log"), "utf8").split("\n").slice(0, -1)) {
    const [event = "", pid = "", first = "", plugin = "", owner = ""] = line.split(" ")
    const run = open.get(pid)
    if (event === "started") {
      const started: Run = { pid, command: first, plugin, owner, network: "" }
      problems.push(...overlaps(started, [...open.values()].filter((other) => owner !== "," && other.owner === owner)))
      open.set(pid, started)
    }
    if (run === undefined) continue
    if (event === "told") {
      run.network = first
      const isGc = run.command === "GC"
      const others = [...open.values()].filter((other) =>
        other !== run && other.network === first && (isGc || other.command === "GC")
      )
      problems.push(...overlaps(run, others))
    }
    if (event === "met") problems.push(`${textOf(run)} met an allocation`)
    if (event === "refused" || event === "stopped") troubled.add(run.owner)
    if (event === "collected" && !troubled.has(first.split(",").slice(2).join(","))) {
      problems.push(`${textOf(run)} had to collect ${first}`)
    }
    if (event === "ended") open.delete(pid)
  }
  return problems
}

const textOf = ({ command, network, owner, pid, plugin }: Run): string =>
  `${plugin} ${command} of ${owner === "," ? "nobody" : owner} on ${network || "?"} (pid ${pid})`

const overlaps = (run: Run, others: ReadonlyArray<Run>): ReadonlyArray<string> =>
  others.map((other) => `${textOf(run)} ran beside ${textOf(other)}`)

/** What is measured, and how good it has to be. */

/** `must` is the limit, `aim` what we hope for; `unit` is that of both, and nothing for ratios. */
export interface Target {
  readonly what: string
  readonly must: number
  readonly aim: number
  readonly unit: "" | "ms" | "MB" | "descriptors"
}

const ratio = (must: number, aim: number, what: string): Target => ({ what, must, aim, unit: "" })

/** Every measure that has to meet something. */
export const targets: Readonly<Record<string, Target>> = {
  "real-1": ratio(1.15, 1.02, "ADD+CHECK+DEL of bridge, portmap, firewall and tuning, one at a time"),
  "real-8": ratio(1.1, 0.95, "the same 8 at a time"),
  "safety-real": ratio(1.05, 1.02, "journal, locks and guards: the same with our defaults, to `Compat: \"libcni\"`"),
  "gc-waiting": ratio(0.12, 0.06, "GC of stale attachments, each of 3 plugins that take 20 ms"),
  "gc-real": ratio(0.7, 0.55, "GC of stale attachments of bridge, portmap, firewall and tuning"),
  "list-1000": ratio(1.1, 0.8, "list 1,000 attachments"),
  "list-10000": ratio(1.2, 0.8, "list 10,000 attachments"),
  "list-filtered-10000": ratio(1.3, 0.8, "list one container's attachments of 10,000"),
  "delay-noop-32": { must: 40, aim: 15, unit: "ms", what: "longest event-loop delay in 32 no-op chains at a time" },
  "delay-list-10000": { must: 20, aim: 10, unit: "ms", what: "longest event-loop delay while listing 10,000" },
  "memory-rss": { must: 270, aim: 200, unit: "MB", what: "resident after the plugin runs" },
  "memory-growth": { must: 40, aim: 10, unit: "MB", what: "growth over the second half of them" },
  "cold-start": ratio(4, 3, "`effect-cni status` on a network of one no-op plugin, to `node -e 0`"),
  descriptors: { must: 0, aim: 0, unit: "descriptors", what: "open ones after them, minus those before" }
}

/** What no limit is set for, in ms of ours and of libcni's: plugins that do nothing are run by no user. */
export const ownCosts: Readonly<Record<string, string>> = {
  "own-cost-cold": "ADD+DEL of 3 no-op plugins: the first 100 chains of a new process, without a warm-up",
  "own-cost-warm": "the same in a process that has run for 20 seconds",
  "own-cost-fork": "own-cost-warm by `NodePluginExec`, without koffi: each plugin is forked",
  "own-cost-among-1000": "own-cost-warm on a host where 1,000 other containers are attached",
  "own-cost-500mb": "own-cost-warm in a process of 500 MB",
  "own-cost-500mb-fork": "the same by `NodePluginExec`"
}

/** What is measured beside, for what it says about the others. */
export const extras: Readonly<Record<string, string>> = {
  "memory-rss-tuned": "memory-rss of a process that is held small by flags of Node and of the C library",
  "memory-growth-tuned": "memory-growth of the same",
  "real-1-spawn": "real-1 by `NodePluginExec`",
  "safety-real-durable": "safety-real with `Durability: \"power-loss\"`"
}

/** Everything that can be measured, in the order of the report. */
export const measures: ReadonlyArray<string> = [targets, ownCosts, extras].flatMap((those) => Object.keys(those))

/** What a quick run measures. */
export const quick: ReadonlyArray<string> = [...Object.keys(targets), "own-cost-cold", "own-cost-warm"]

/** Whether it can be asked for. */
export const isMeasure = (name: string): boolean => measures.includes(name)

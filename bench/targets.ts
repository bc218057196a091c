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
  "noop-1-posix": ratio(1.5, 1, "ADD+DEL of 3 no-op plugins, one at a time, by posix_spawn"),
  "noop-8-posix": ratio(1.35, 0.95, "the same 8 at a time, by posix_spawn"),
  "noop-32-posix": ratio(1.35, 0.95, "the same 32 at a time, by posix_spawn"),
  "noop-500mb-posix": ratio(1.6, 1.1, "the same one at a time in a process of 500 MB, by posix_spawn"),
  "real-1": ratio(1.12, 1.02, "ADD+CHECK+DEL of bridge, portmap, firewall and tuning, one at a time"),
  "real-8": ratio(1.05, 0.95, "the same 8 at a time"),
  "safety-real": ratio(1.05, 1.02, "journal, locks and guards: the same with our defaults, to `Compat: \"libcni\"`"),
  "gc-waiting": ratio(0.12, 0.06, "GC of stale attachments, each of 3 plugins that take 20 ms"),
  "gc-real": ratio(0.7, 0.55, "GC of stale attachments of bridge, portmap, firewall and tuning"),
  "list-1000": ratio(0.9, 0.6, "list 1,000 attachments"),
  "list-10000": ratio(0.9, 0.6, "list 10,000 attachments"),
  "list-filtered-10000": ratio(1.3, 0.8, "list one container's attachments of 10,000"),
  "delay-noop-32": { must: 25, aim: 10, unit: "ms", what: "longest event-loop delay in 32 no-op chains at a time" },
  "delay-list-10000": { must: 20, aim: 10, unit: "ms", what: "longest event-loop delay while listing 10,000" },
  "memory-rss": { must: 135, aim: 100, unit: "MB", what: "resident after the plugin runs" },
  "memory-growth": { must: 5, aim: 5, unit: "MB", what: "growth over the second half of them" },
  "cold-start": ratio(3, 2.5, "`effect-cni status` on a network of one no-op plugin, to `node -e 0`"),
  descriptors: { must: 0, aim: 0, unit: "descriptors", what: "open ones after them, minus those before" }
}

/** What is measured beside, for what it says about the others. */
export const extras: Readonly<Record<string, string>> = {
  "noop-1-posix-libcni": "noop-1-posix with `Compat: \"libcni\"`",
  "noop-1-spawn": "noop-1-posix by `NodePluginExec`, without koffi: each plugin is forked",
  "noop-8-spawn": "the same 8 at a time",
  "noop-32-spawn": "the same 32 at a time",
  "noop-1-posix-bare": "the same 6 runs by `PosixSpawnPluginExec` alone: no configuration, record, journal or lock",
  "noop-8-posix-bare": "the same 8 at a time",
  "noop-32-posix-bare": "the same 32 at a time",
  "noop-1-spawn-bare": "the same 6 runs by Node's `spawn` alone, without anything of this library",
  "noop-8-spawn-bare": "the same 8 at a time",
  "noop-32-spawn-bare": "the same 32 at a time",
  "noop-32-posix-tmp": "noop-32-posix with the caches where the machine has its temporary files",
  "noop-1-posix-1000": "noop-1-posix on a host where 1,000 other containers are attached",
  "noop-1-limit": "the same 6 runs in a loop in C that does nothing else",
  "memory-rss-free": "memory-rss of a process that grows as V8 likes",
  "memory-growth-free": "memory-growth of the same",
  "noop-500mb-spawn": "noop-500mb-posix by `NodePluginExec`",
  "real-1-spawn": "real-1 by `NodePluginExec`",
  "cold-start-flag": "the same with a flag (`--json`), which effect/cli has to read",
  "safety-real-durable": "safety-real with `Durability: \"power-loss\"`"
}

/** Everything that can be measured, in the order of the report. */
export const measures: ReadonlyArray<string> = [...Object.keys(targets), ...Object.keys(extras)]

/** Whether it can be asked for. */
export const isMeasure = (name: string): boolean => measures.includes(name)

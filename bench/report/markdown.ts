/** The findings of a full run as a document. */
import { extras, ownCosts, targets } from "../targets.ts"
import { tuning } from "../world.ts"
import type { Run } from "./history.ts"
import { absolutes, type Judged, show } from "./judge.ts"
import { reasons } from "./reasons.ts"

type Rows = ReadonlyArray<ReadonlyArray<string>>

/** docs/benchmarks.md. */
export const markdown = (
  all: ReadonlyArray<Judged>,
  machine: ReadonlyArray<readonly [name: string, value: string]>,
  { rounds, runs }: { readonly rounds: number; readonly runs: ReadonlyArray<Run> }
): string => {
  const measures = all.filter(({ target }) => target !== undefined)
  const costs = all.filter(({ name }) => name in ownCosts)
  const beside = all.filter(({ name }) => name in extras)
  const missed = measures.filter(({ verdict }) => verdict === "MISSED").map(({ name }) => `\`${name}\``)
  return `# Benchmarks

How fast this library is beside Go's libcni on the same machine, and what it takes. \`npm run bench\` measures again and writes this file.

A figure is the time of this library divided by the time of libcni, unless it has a unit: below 1 is faster than libcni. \`must\` is the limit, \`aim\` what is hoped for. ${
    missed.length === 0 ? "Every limit is kept." : `Missed: ${missed.join(", ")}.`
  }

${
    table(
      ["measure", "what", "median", "spread", "must", "aim", "", "ours to theirs", "our RSS"],
      measures.map(measureRow)
    )
  }

## Own cost

What the runtime itself takes: the ms that an ADD and a DEL of three plugins that do nothing take beyond a loop in C that starts the same plugins. They have no limits, because real plugins take a hundred times as long.

${table(["measure", "what", "ours", "spread", "libcni's", "our RSS"], costs.map(costRow))}

## For comparison

${table(["measure", "what", "median", "spread", "ours to theirs", "our RSS"], beside.map(besideRow))}

${lastRuns(runs)}
${whyNot(measures)}## The machine

${table(["", ""], machine)}

## How it was measured

${method(rounds)}
`
}

/** The document with other last runs: what a run of all that has a limit changes in it. */
export const withLastRuns = (document: string, runs: ReadonlyArray<Run>): string =>
  document.replace(/^## The last runs [^]*?(?=^## )/m, () => lastRuns(runs))

const lastRuns = (runs: ReadonlyArray<Run>): string =>
  `## The last runs of all that has a limit

The newest first; what missed its limit is bold. The figures above are of the newest that has measured everything.

${runs.map(({ commit, cpu, day }, index) => `${index + 1}. ${day}, commit ${commit}, on ${cpu}`).join("\n")}

${
    table(
      ["measure", "must", ...runs.map((_, index) => String(index + 1))],
      Object.entries(targets).map(([name, { must }]) => [
        `\`${name}\``,
        String(must),
        ...runs.map(({ figures }) => runCell(figures[name], must))
      ])
    )
  }

`

const whyNot = (measures: ReadonlyArray<Judged>): string => {
  const short = measures.filter(({ verdict }) => verdict !== "aim met")
  if (short.length === 0) return ""
  const named = Map.groupBy(short, ({ name }) => reasons[name] ?? "Not found out yet.")
  const lines = [...named].map(([reason, those]) => `- ${those.map(({ name }) => `\`${name}\``).join(", ")}: ${reason}`)
  return `## Why not what was hoped for\n\n${lines.join("\n")}\n\n`
}

const measureRow = (judged: Judged): ReadonlyArray<string> => {
  const { figure, max, min, name, target, verdict } = judged
  const unit = target?.unit === "" || target?.unit === undefined ? "" : ` ${target.unit}`
  return [
    `\`${name}\``,
    target?.what ?? "",
    `${show(figure)}${unit}`,
    `${show(min)}–${show(max)}`,
    String(target?.must ?? ""),
    String(target?.aim ?? ""),
    verdict === "MISSED" ? "**missed**" : verdict,
    judged.theirs === undefined ? "" : absolutes(judged),
    rssOf(judged)
  ]
}

const costRow = (judged: Judged): ReadonlyArray<string> => [
  `\`${judged.name}\``,
  ownCosts[judged.name] ?? "",
  `${show(judged.ours)} ms`,
  `${show(judged.min)}–${show(judged.max)}`,
  `${show(judged.theirs ?? Number.NaN)} ms`,
  rssOf(judged)
]

const besideRow = (judged: Judged): ReadonlyArray<string> => [
  `\`${judged.name}\``,
  extras[judged.name] ?? "",
  show(judged.figure),
  `${show(judged.min)}–${show(judged.max)}`,
  absolutes(judged),
  rssOf(judged)
]

const runCell = (figure: number | undefined, must: number): string =>
  figure === undefined ? "" : figure > must ? `**${show(figure)}**` : show(figure)

const rssOf = ({ rss }: Judged): string => rss === 0 ? "" : `${rss.toFixed(0)} MB`

const table = (heads: ReadonlyArray<string>, rows: Rows): string =>
  [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const method = (rounds: number): string =>
  `- Both sides are processes that are started before the time is taken, and told what to do over a pipe: this library as it is published, unbundled, with its defaults and Node's (no flags, no NODE_OPTIONS); libcni behind a small Go program with its default \`Exec\`. Neither syncs files to disk. Only \`memory-…-tuned\` is tuned: \`${
    tuning.join(" ")
  }\`.
- Both read the same configuration and run the same plugins; each has a cache directory of its own, on the same file system: a new ext4 as \`mkfs\` makes it, in a file, because on the machine's own a new file costs more or less by what was removed there in the last minutes.
- They take turns. A round is a batch of theirs and a batch of ours, every other round the other way round. There are ${rounds} rounds; of GC at most 5; three times as many of lists, own cost and real chains several at a time; nine times as many of real chains one at a time. Each side has a warm-up of 20 seconds of chains that is not counted, but for \`own-cost-cold\`, where each round is a new process. The ratio is taken in each round; the figure is the median of the ratios, the spread the lowest and the highest. In \`safety-real\` both sides are ours.
- One at a time, a batch counts as the median of what each chain took (\`own-cost-cold\`: the mean); several at a time, as the time of the whole batch divided by its chains. Every chain has a container ID of its own.
- The no-op plugin is a static C program that reads its input and gives a fixed result. The loop in C runs it six times a chain with \`posix_spawn\`, pipes and \`waitpid\`, and does nothing else. What the loop took in a round is subtracted from what both sides took in it.
- The real chains are Debian's bridge with host-local, portmap, firewall and tuning, in network namespaces that are made before. They publish no port, because CHECK of portmap 1.1.1 looks for the IPv6 rules of an IPv4 mapping and fails; in \`gc-real\`, which has no CHECK, each publishes one.
- libcni 1.1.2 has neither a list of attachments nor GC. The Go program does what later versions do: read all records one by one, decode them, and run DEL for each that is stale, one after the other. It is told the namespaces, which 1.1.2 does not store. Attaching is not part of the time.
- Lists are of copies of one record that libcni has written; for one container's, both look at the file names first.
- The event loop's delay is the longest time between two runs of a timer of 1 ms during the batch; nothing is subtracted.
- Memory is the resident size of a process that runs the no-op chain 8 at a time, 16,000 plugin runs in all; each round is a new process. No garbage collection is forced.`

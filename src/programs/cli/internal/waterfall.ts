/** Draws the runs of plugins below each other, each where it was in time. */
import type { PluginRun } from "../../../domain/plugin/PluginRun.ts"
import { cut, fill } from "./fit.ts"
import { harmless, harmlessLines } from "./harmless.ts"
import type { Style } from "./style.ts"

/** `width`: of the terminal; `withTexts`: whether what went in and out is shown too. */
export interface Options {
  readonly width: number | undefined
  readonly withTexts: boolean
  readonly style: Style
}

/** The lines of it. */
export const waterfall = (runs: ReadonlyArray<PluginRun>, options: Options): ReadonlyArray<string> => {
  if (runs.length === 0) return ["trace: no plugin was run"]
  const first = Math.min(...runs.map(({ startMs }) => startMs))
  const total = Math.max(...runs.map(({ lengthMs, startMs }) => startMs - first + lengthMs))
  const names = runs.map(nameOf)
  const scale: Scale = {
    ...options,
    first,
    total,
    names: Math.min(28, Math.floor((options.width ?? 120) / 5), Math.max(...names.map(({ length }) => length)))
  }
  return [
    options.style.bold(`trace: ${runs.length} ${runs.length === 1 ? "run" : "runs"} of plugins in ${time(total)}`),
    ...runs.map((run) => lineOf(run, scale)),
    ...(options.withTexts ? runs.flatMap((run) => textsOf(run, options.style)) : [])
  ]
}

interface Scale extends Options {
  readonly first: number
  readonly total: number
  readonly names: number
}

const nameOf = ({ command, plugin }: PluginRun): string => `${harmless(plugin)} ${command}`

const bars = (width: number): number => Math.max(6, Math.min(40, Math.floor(width / 4) - 2))

const lineOf = (run: PluginRun, { first, names, style, total, width = 120 }: Scale): string => {
  const head = `  ${fill(cut(nameOf(run), names, "start"), names)}  `
  const bar = barOf(run.startMs - first, run.lengthMs, total, bars(width))
  const times = `  ${time(run.startMs - first).padStart(8)} ${`+${time(run.lengthMs)}`.padStart(9)}  `
  const room = Math.max(8, width - head.length - bars(width) - times.length)
  const paint = run.ok ? style.green : style.red
  return `${head}${paint(bar)}${style.dim(times)}${paint(cut(harmless(run.end), room))}`
}

const barOf = (start: number, length: number, total: number, width: number): string => {
  const scaled = (ms: number) => total === 0 ? 0 : Math.round((ms / total) * width)
  const from = Math.min(scaled(start), width - 1)
  const to = Math.max(from + 1, Math.min(width, scaled(start + length)))
  return `${"·".repeat(from)}${"█".repeat(to - from)}${"·".repeat(width - to)}`
}

const time = (ms: number): string => ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`

const textsOf = (run: PluginRun, { bold, dim }: Style): ReadonlyArray<string> => [
  "",
  bold(`${nameOf(run)} on ${harmless(run.network)}`),
  ...(["stdin", "stdout", "stderr"] as const).flatMap((name) => {
    const text = run[name].trimEnd()
    return text === "" ? [] : [`  ${dim(name)}`, ...harmlessLines(text).split("\n").map((line) => `    ${line}`)]
  })
]

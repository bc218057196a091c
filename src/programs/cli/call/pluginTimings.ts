/** Draws the runs of plugins below each other, each at its place in time. */
import type { PluginRun } from "../../../domain/plugin/PluginRun.ts"
import { cut, escapeControls, escapeControlsInLines, fill, type Style } from "../text/text.ts"

/** The lines of the drawing; `withTexts` adds what went into the plugins and came out of them. */
export const waterfall = (runs: ReadonlyArray<PluginRun>, style: Style, withTexts: boolean): ReadonlyArray<string> => {
  if (runs.length === 0) return ["trace: no plugin was run"]
  const first = Math.min(...runs.map(({ startMs }) => startMs))
  const total = Math.max(...runs.map(({ lengthMs, startMs }) => startMs - first + lengthMs))
  const names = runs.map(nameOf)
  const width = style.width ?? 120
  const nameWidth = Math.min(28, Math.floor(width / 5), Math.max(...names.map(({ length }) => length)))
  const scale: Scale = { style, first, total, width, nameWidth }
  return [
    style.bold(`trace: ${runs.length} ${runs.length === 1 ? "run" : "runs"} of plugins in ${time(total)}`),
    ...runs.map((run) => lineOf(run, scale)),
    ...(withTexts ? runs.flatMap((run) => textsOf(run, style)) : [])
  ]
}

interface Scale {
  readonly style: Style
  readonly width: number
  readonly nameWidth: number
  readonly first: number
  readonly total: number
}

const nameOf = ({ command, plugin }: PluginRun): string => `${escapeControls(plugin)} ${command}`

const bars = (width: number): number => Math.max(6, Math.min(40, Math.floor(width / 4) - 2))

const lineOf = (run: PluginRun, { first, nameWidth, style, total, width }: Scale): string => {
  const head = `  ${fill(cut(nameOf(run), nameWidth, "start"), nameWidth)}  `
  const bar = barOf(run.startMs - first, run.lengthMs, total, bars(width))
  const times = `  ${time(run.startMs - first).padStart(8)} ${`+${time(run.lengthMs)}`.padStart(9)}  `
  const room = Math.max(8, width - head.length - bars(width) - times.length)
  const paint = run.ok ? style.green : style.red
  return `${head}${paint(bar)}${style.dim(times)}${paint(cut(escapeControls(run.end), room))}`
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
  bold(`${nameOf(run)} on ${escapeControls(run.network)}`),
  ...(["stdin", "stdout", "stderr"] as const).flatMap((name) => {
    const text = run[name].trimEnd()
    return text === ""
      ? []
      : [`  ${dim(name)}`, ...escapeControlsInLines(text).split("\n").map((line) => `    ${line}`)]
  })
]

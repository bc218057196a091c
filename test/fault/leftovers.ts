/** The plugins that run at the moment. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { until } from "../support/directory.ts"

/** The plugins with a search path of ours, and what they have started; in words, their command first. */
export const pluginsWith = (pluginPaths: ReadonlyArray<string>): ReadonlyArray<string> =>
  Fs.readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).flatMap((pid) => {
    const variables = textIn(`/proc/${pid}/environ`).split("\0")
    if (!variables.includes(`CNI_PATH=${pluginPaths.join(Path.delimiter)}`)) return []
    const isAlive = /^State:\s+[^ZX]/m.test(textIn(`/proc/${pid}/status`))
    const command = variables.find((variable) => variable.startsWith("CNI_COMMAND="))?.slice(12)
    return isAlive
      ? [`${command} ${textIn(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim()} (pid ${pid})`]
      : []
  })

/** Waits for them. */
export const pluginsGone = (pluginPaths: ReadonlyArray<string>): Effect.Effect<void> =>
  until(() => pluginsWith(pluginPaths).length === 0).pipe(Effect.timeoutOption("10 seconds"), Effect.asVoid)

const textIn = (file: string): string => {
  try {
    return Fs.readFileSync(file, "latin1")
  } catch {
    return ""
  }
}

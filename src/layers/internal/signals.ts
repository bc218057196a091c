/** Signals of this process that are somebody else's to answer, for as long as that one has the terminal. */
import * as Fs from "node:fs"

/** The signals that a terminal sends to all who run in its foreground. */
const ofTerminal = ["SIGINT", "SIGQUIT"] as const

let holder: ((signal: NodeJS.Signals) => void) | undefined

/** Hands the signals of the terminal to somebody until the function that it gives is called. */
export const deflect = (to: (signal: NodeJS.Signals) => void): () => void => {
  const onSignal = (signal: NodeJS.Signals) => to(signal)
  holder = to
  for (const signal of ofTerminal) process.on(signal, onSignal)
  return () => {
    holder = undefined
    for (const signal of ofTerminal) process.off(signal, onSignal)
  }
}

/** Whether a signal is not ours to answer at the moment. */
export const isDeflected = (signal: NodeJS.Signals): boolean =>
  holder !== undefined && ofTerminal.some((deflected) => deflected === signal)

/** Whether the terminal's signals reach all of our process group: then who is in it needs no copy from us. */
export const isForeground = (): boolean => {
  try {
    // After the name, which may have anything in it: state, parent, group, session, terminal, its foreground group.
    const [, , group, , , foreground] = Fs.readFileSync("/proc/self/stat", "latin1").replace(/^.*\) /s, "").split(" ")
    return group === foreground
  } catch {
    return false
  }
}

/** Signals of this process that are somebody else's to answer, for as long as that one has the terminal. */
import * as Fs from "node:fs"

/** The signals that a terminal sends to all who run in its foreground. */
const ofTerminal = ["SIGINT", "SIGQUIT"] as const

/** Who answers them: this process, somebody who has the terminal, or nobody, since that one has ended. */
export type Answerer = "us" | "holder" | "nobody"

let answerer: Answerer = "us"

/** Hands the signals of the terminal to somebody until the function that it gives is called. */
export const deflect = (to: (signal: NodeJS.Signals) => void): () => void => {
  const onSignal = (signal: NodeJS.Signals) => {
    if (answerer === "holder") to(signal)
  }
  for (const signal of ofTerminal) {
    if (listener !== undefined) process.off(signal, listener)
    process.on(signal, onSignal)
  }
  listener = onSignal
  answerer = "holder"
  // Without a listener, a SIGQUIT that is told of late would end this process.
  return () => {
    answerer = "nobody"
  }
}

let listener: ((signal: NodeJS.Signals) => void) | undefined

/**
 * Who answers a signal at the moment. What comes after the holder's end is not ours again: Node may tell of a child's end
 * before it tells of the signal that the child ended after.
 */
export const answererOf = (signal: NodeJS.Signals): Answerer =>
  ofTerminal.some((deflected) => deflected === signal) ? answerer : "us"

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

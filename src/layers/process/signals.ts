/** Leaves the signals of this process to a child, for as long as the child has the terminal. */
import { statOf } from "./processIdentity.ts"

/** The signals that a terminal sends to all processes in its foreground. */
const ofTerminal = ["SIGINT", "SIGQUIT"] as const

/** What answers them: this process, the child that has the terminal, or nothing, since that child has ended. */
export type Answerer = "us" | "child" | "nothing"

let answerer: Answerer = "us"

/** Hands the signals of the terminal to a child until the function that it gives is called. */
export const deflect = (to: (signal: NodeJS.Signals) => void): () => void => {
  const onSignal = (signal: NodeJS.Signals) => {
    if (answerer === "child") to(signal)
  }
  for (const signal of ofTerminal) {
    if (listener !== undefined) process.off(signal, listener)
    process.on(signal, onSignal)
  }
  listener = onSignal
  answerer = "child"
  // Without a listener, a SIGQUIT that is told of late would end this process.
  return () => {
    answerer = "nothing"
  }
}

let listener: ((signal: NodeJS.Signals) => void) | undefined

/**
 * What answers a signal at the moment. What comes after the child's end is not ours again, because Node may tell of a
 * child's end before it tells of the signal that the child ended after.
 */
export const answererOf = (signal: NodeJS.Signals): Answerer =>
  ofTerminal.some((deflected) => deflected === signal) ? answerer : "us"

/** Whether the terminal's signals reach all of our process group: then a child in it needs no copy from us. */
export const isForeground = (): boolean => {
  const stat = statOf(process.pid)
  return stat !== undefined && stat.group === stat.foreground
}

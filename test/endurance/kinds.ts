/** Which behaviours there are, and how often each is drawn. */
import { diceOf } from "../fault/dice.ts"
import { closesOutputs, type Deck, echoes, exits, ignoresStdin, killsItself, leavesChild } from "./behaviours.ts"
import type { Behaviour, Plan } from "./plan.ts"
import {
  hangs,
  hangsWithChild,
  ignoresSigterm,
  isForeign,
  isInterrupted,
  isKilled,
  isNotStarted,
  leavesDeafChild,
  mayBeInterrupted,
  writesTooMuch
} from "./stopped.ts"

type Kind = readonly [kind: string, percent: number, draw: (deck: Deck) => Behaviour]

const kinds: readonly [Kind, ...ReadonlyArray<Kind>] = [
  ["exits", 27, exits],
  ["echoes stdin", 17, echoes],
  ["never reads stdin", 8, ignoresStdin],
  ["closes its outputs first", 6, closesOutputs],
  ["leaves a child with its pipes", 3, leavesChild],
  ["kills itself", 8, killsItself],
  ["hangs", 4, hangs],
  ["hangs with a child", 1, hangsWithChild],
  ["hangs and ignores SIGTERM", 2, ignoresSigterm],
  ["hangs with a child that ignores SIGTERM", 1, leavesDeafChild],
  ["hangs and is interrupted", 4, isInterrupted],
  ["may end before it is interrupted", 2, mayBeInterrupted],
  ["is killed from outside", 5, isKilled],
  ["writes up to the limit or more", 4, writesTooMuch],
  ["cannot be started", 4, isNotStarted],
  ["a child of the application", 4, isForeign]
]

const [first, ...others] = kinds.flatMap((kind) => Array.from({ length: kind[1] }, () => kind))

/** The run of that number: the same of the same seed. */
export const planOf = (seed: number, index: number, deck: Omit<Deck, "dice">): Plan => {
  const dice = diceOf(seed, "endurance", index)
  const [kind, , draw] = dice.pick([first ?? kinds[0], ...others])
  return { index, kind, ...draw({ ...deck, dice }) }
}

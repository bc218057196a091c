/** What plugins can do, each with its truth: those that end by themselves. */
import * as Os from "node:os"
import type { Dice } from "../fault/dice.ts"
import { isAlive } from "../support/directory.ts"
import { content } from "./content.ts"
import { kill } from "./host.ts"
import { type Behaviour, differences, type Seen, type Truth, unless } from "./plan.ts"
import type { Programs } from "./programs.ts"
import type { Orders } from "./report.ts"

/** What one kind of run draws from. */
export interface Deck {
  readonly dice: Dice
  readonly programs: Programs
  readonly layer: Orders["layer"]
  /** For the pids of children that are to be there longer than all the runs. */
  readonly lingering: Set<number>
}

/** A run as it usually is, with what is different about this one. */
export const behaviour = (
  { programs }: Deck,
  change: Partial<Behaviour> & Pick<Behaviour, "steps" | "check">
): Behaviour => ({
  path: programs.plugin,
  by: "library",
  command: "ADD",
  stdin: "{}",
  timeLimitMs: 20_000,
  killGraceMs: 10_000,
  maxBytes: 1024 * 1024,
  killAfterMs: undefined,
  interruptAfterMs: undefined,
  ...change
})

/** Exactly this must come of it. */
export const exactly = (truth: Truth) => (seen: Seen): ReadonlyArray<string> => differences(truth, seen)

/** Sizes where something changes: what is written at once (4,096), and what a pipe holds (65,536). */
export const sizeIn = (dice: Dice): number => {
  const kind = dice.below(20)
  if (kind < 4) return 0
  if (kind < 10) return dice.below(2000)
  if (kind < 13) return 4095 + dice.below(3)
  if (kind < 15) return 65_535 + dice.below(3)
  return kind < 17 ? dice.below(20_000) : dice.below(200_001)
}

const fromIn = (dice: Dice): number => dice.below(251)

const stderrBytes = 64 * 1024

/** Writes to both, then exits with some status. */
export const exits = (deck: Deck): Behaviour => {
  const { dice } = deck
  const [out, from, err, status] = [sizeIn(dice), fromIn(dice), dice.chance(0.5) ? sizeIn(dice) : 0, dice.below(256)]
  const waitMs = dice.chance(0.2) ? dice.below(10) : 0
  return behaviour(deck, {
    steps: `o${out},${from} e${err},${from} w${waitMs} x${status}`,
    check: exactly({
      end: `exited ${status}`,
      stdout: content(out, from),
      stderr: content(err, from).subarray(-stderrBytes).toString("latin1"),
      leastMs: waitMs
    })
  })
}

/** Gives back its stdin. */
export const echoes = (deck: Deck): Behaviour => {
  const sent = content(sizeIn(deck.dice), fromIn(deck.dice))
  return behaviour(deck, {
    steps: `${deck.dice.chance(0.1) ? "w5 " : ""}i x0`,
    stdin: sent.toString("latin1"),
    check: exactly({ end: "exited 0", stdout: sent })
  })
}

/** Never reads its stdin, whose rest nobody takes. */
export const ignoresStdin = (deck: Deck): Behaviour => {
  const status = deck.dice.below(256)
  return behaviour(deck, {
    steps: `w${deck.dice.chance(0.5) ? deck.dice.below(5) : 0} o9,0 x${status}`,
    stdin: content(sizeIn(deck.dice), 0).toString("latin1"),
    check: exactly({ end: `exited ${status}`, stdout: content(9, 0) })
  })
}

/** Closes its outputs, and ends later. */
export const closesOutputs = (deck: Deck): Behaviour => {
  const [out, waitMs, status] = [sizeIn(deck.dice), deck.dice.below(30), deck.dice.below(256)]
  return behaviour(deck, {
    steps: `o${out},1 c w${waitMs} x${status}`,
    check: exactly({ end: `exited ${status}`, stdout: content(out, 1), leastMs: waitMs })
  })
}

/** Leaves a child that holds its pipes. It must be alive, and is ended here; some at the end of all. */
export const leavesChild = (deck: Deck): Behaviour => {
  const status = deck.dice.below(2)
  return behaviour(deck, {
    steps: `f p x${status}`,
    check: (seen) => {
      const pid = Number(Buffer.from(seen.stdout).toString("latin1"))
      const isThere = Number.isSafeInteger(pid) && pid > 1 && isAlive(pid)
      if (isThere && deck.lingering.size < mostLingering) deck.lingering.add(pid)
      else if (isThere) kill(pid)
      return [
        ...differences({ end: `exited ${status}`, stdout: seen.stdout }, seen),
        ...unless(isThere, () => "the child that it left is gone")
      ]
    }
  })
}

const mostLingering = 10

/** Kills itself. A signal as from a terminal is sent to three more, where a command may be done twice. */
export const killsItself = (deck: Deck): Behaviour => {
  const { dice, layer } = deck
  const [name, number] = dice.pick(layer === "posix_spawn" ? [realTime, ...named] : named)
  const isRepeated = dice.chance(0.5) && fromTerminal.has(name)
  const out = isRepeated ? 0 : sizeIn(dice)
  return behaviour(deck, {
    steps: `o${out},2 k${number}`,
    command: isRepeated ? "DEL" : "ADD",
    check: exactly({ end: `signalled ${name}`, stdout: content(out, 2), starts: isRepeated ? 4 : 1 })
  })
}

type Signal = readonly [name: string, number: number]

const fromTerminal = new Set(["SIGINT", "SIGQUIT", "SIGHUP"])
const notDeadly = /^SIG(CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|WINCH|IOT|POLL)$/
const named: readonly [Signal, ...ReadonlyArray<Signal>] = [
  ["SIGKILL", Os.constants.signals.SIGKILL],
  ...Object.entries(Os.constants.signals).filter(([name]) => !notDeadly.test(name))
]
// To `node:child_process` a real-time signal is an exit with status 0.
const realTime: Signal = ["SIG40", 40]

/** What plugins can do, each with its truth: those that are ended by others, or cannot be started. */
import { behaviour, type Deck, exactly, sizeIn } from "./behaviours.ts"
import { content } from "./content.ts"
import { type Behaviour, differences, type Seen, type Truth } from "./plan.ts"

const fewMs = (deck: Deck): number => 20 + deck.dice.below(40)

/** Hangs, until its time is over; what it is sent must not make anybody else hang. */
export const hangs = (deck: Deck): Behaviour =>
  behaviour(deck, {
    steps: "h",
    stdin: content(sizeIn(deck.dice), 0).toString("latin1"),
    timeLimitMs: fewMs(deck),
    check: exactly({ end: "timed out SIGTERM" })
  })

/** Hangs together with a child. */
export const hangsWithChild = (deck: Deck): Behaviour =>
  behaviour(deck, { steps: "f h", timeLimitMs: fewMs(deck), check: exactly({ end: "timed out SIGTERM" }) })

/** Hangs and is deaf to SIGTERM; on a busy host its time may be over before it is. */
export const ignoresSigterm = (deck: Deck): Behaviour =>
  behaviour(deck, {
    steps: "d e4,0 h",
    timeLimitMs: 20 + fewMs(deck),
    killGraceMs: fewMs(deck),
    check: (seen) => {
      const isDeaf = seen.stderr !== ""
      const end = isDeaf ? "timed out SIGKILL" : ["timed out SIGTERM", "timed out SIGKILL"]
      // That it has gone by then, too, is not certain: nobody waits for what SIGKILL does not end.
      return differences({ end, stderr: isDeaf ? said : "" }, { ...seen, isAlive: false })
    }
  })

const said = content(4, 0).toString("latin1")

/** Is told to stop, and leaves that to a child that is deaf to it. */
export const leavesDeafChild = (deck: Deck): Behaviour =>
  behaviour(deck, {
    steps: "d f D h",
    timeLimitMs: 20 + fewMs(deck),
    killGraceMs: fewMs(deck),
    check: (seen) => differences({ end: ["timed out SIGTERM", "timed out SIGKILL"] }, { ...seen, isAlive: false })
  })

/** Hangs, and its fiber is interrupted: at once, or soon. */
export const isInterrupted = (deck: Deck): Behaviour =>
  behaviour(deck, {
    steps: deck.dice.pick(["h", "c h", "o200000,0 h", "f h"]),
    interruptAfterMs: deck.dice.chance(0.2) ? 0 : deck.dice.below(30),
    check: (seen) => differences(interrupted(seen), seen)
  })

// One that had to wait for its turn may not have been started yet.
const interrupted = ({ starts }: Seen): Truth => ({ end: "interrupted", starts: Math.min(starts, 1) })

/** Ends, and its fiber is interrupted at about the same time: it is the one or the other. */
export const mayBeInterrupted = (deck: Deck): Behaviour => {
  const [waitMs, status] = [deck.dice.below(5), deck.dice.below(256)]
  return behaviour(deck, {
    steps: `w${waitMs} o99,3 x${status}`,
    interruptAfterMs: waitMs + deck.dice.below(10),
    check: (seen) => {
      const hasEnded = seen.end !== "interrupted"
      return differences(hasEnded ? { end: `exited ${status}`, stdout: content(99, 3) } : interrupted(seen), seen)
    }
  })
}

/** Hangs, and somebody else kills it. */
export const isKilled = (deck: Deck): Behaviour =>
  behaviour(deck, {
    steps: deck.dice.pick(["h", "c h"]),
    killAfterMs: deck.dice.chance(0.3) ? 0 : deck.dice.below(20),
    check: exactly({ end: "signalled SIGKILL" })
  })

/** Writes just as much as it may, or more, and does not end before it is told to, or does. */
export const writesTooMuch = (deck: Deck): Behaviour => {
  const { dice } = deck
  const maxBytes = excerptBytes + dice.below(100_000)
  const [isTooMuch, from] = [dice.chance(0.8), dice.below(251)]
  const length = isTooMuch ? maxBytes + 1 + dice.below(100_000) : maxBytes
  return behaviour(deck, {
    steps: `o${length},${from} ${isTooMuch && dice.chance(0.5) ? "h" : "x0"}`,
    maxBytes,
    check: exactly(
      isTooMuch
        ? { end: "too much output", stdout: content(excerptBytes, from) }
        : { end: "exited 0", stdout: content(length, from) }
    )
  })
}

const excerptBytes = 512

/** Cannot be started. */
export const isNotStarted = (deck: Deck): Behaviour => {
  const { dice, programs } = deck
  const [path, reason, steps] = dice.pick<readonly [path: string, reason: string, steps: string]>([
    [programs.missing, "NotFound", "x0"],
    [programs.notExecutable, "PermissionDenied", "x0"],
    [programs.directory, "PermissionDenied", "x0"],
    [programs.noProgram, "BadFormat", "x0"],
    [programs.plugin, "TooBig", " ".repeat(200_000)]
  ])
  return behaviour(deck, { path, steps, check: exactly({ end: `not started ${reason}`, starts: 0 }) })
}

/** No plugin but a child of the application, whose end must reach `node:child_process` as ever. */
export const isForeign = (deck: Deck): Behaviour => {
  const { dice } = deck
  const [out, status, from] = [dice.below(100_000), dice.below(256), dice.below(251)]
  const isSignalled = dice.chance(0.3)
  return behaviour(deck, {
    steps: `w${dice.below(10)} o${out},${from} ${isSignalled ? "k15" : `x${status}`}`,
    by: dice.chance(0.1) ? "node, blocking" : "node",
    check: exactly({ end: isSignalled ? "signalled SIGTERM" : `exited ${status}`, stdout: content(out, from) })
  })
}

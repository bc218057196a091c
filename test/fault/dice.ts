/** Chance that can be had again: numbers that follow from a seed. */

/** What can be thrown. Times are in ms, probabilities from 0 to 1. */
export interface Dice {
  /** A number from `least` to `most`. */
  readonly between: (least: number, most: number) => number
  /** A whole number below `end`. */
  readonly below: (end: number) => number
  readonly chance: (probability: number) => boolean
  /** One of these, of which there is one. */
  readonly pick: <A>(from: readonly [A, ...ReadonlyArray<A>]) => A
  /** One of these, if there is one. */
  readonly some: <A>(from: ReadonlyArray<A>) => A | undefined
}

/** Dice for one purpose: other parts give other numbers. */
export const diceOf = (seed: number, ...parts: ReadonlyArray<string | number>): Dice => {
  const next = generator(hash([seed, ...parts].join("/")))
  const below = (end: number) => Math.floor(next() * end)
  return {
    between: (least, most) => least + next() * (most - least),
    below,
    chance: (probability) => next() < probability,
    pick: ([first, ...others]) => {
      const at = below(others.length + 1)
      return at === 0 ? first : others[at - 1] ?? first
    },
    some: (from) => from[below(from.length)]
  }
}

// FNV-1a
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193)
  return value >>> 0
}

// mulberry32
const generator = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

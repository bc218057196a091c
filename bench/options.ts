/** What the benchmarks are asked for. */
import { parseArgs } from "node:util"
import { isMeasure } from "./targets.ts"

/**
 * - `isQuick`: small batches, and nothing beside; the figures are coarse.
 * - `json`: a file for the figures.
 * - `only`: the measures to take, of all.
 * - `rounds`: how often each is taken.
 */
export interface Options {
  readonly isQuick: boolean
  readonly json: string | undefined
  readonly only: ReadonlyArray<string> | undefined
  readonly rounds: number
}

/** Reads `[--quick] [--json FILE] [--only NAME[,NAME]] [--rounds N]`; throws at what it does not understand. */
export const readOptions = (args: ReadonlyArray<string>): Options => {
  const { values: { json, only, quick, rounds } } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      only: { type: "string" },
      rounds: { type: "string", default: "" }
    }
  })
  const names = only?.split(",")
  const unknown = names?.find((name) => !isMeasure(name))
  if (unknown !== undefined) throw new Error(`there is no measure "${unknown}"`)
  const wanted = rounds === "" ? 5 : Number(rounds)
  if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error(`--rounds takes a number, not "${rounds}"`)
  return { isQuick: quick, json, only: names, rounds: wanted }
}

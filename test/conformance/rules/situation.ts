/**
 * The situation of a step, as the rules see it: what the fixture and the steps before it left, and which rows of part B
 * of the behaviour apply. Rules compute what must come of a step from it, never from the name of a vector.
 */
import { Effect } from "effect"
import type { CacheFiles, Places } from "../fixture.ts"
import { parseJson } from "../json.ts"
import type { Failure, Failures, Fixture, Invocation, Outcome, Step } from "../vector.ts"

/** A row of part B, such as `D2`. */
export type Row = `D${number}`

/** A step, what it found, and where. */
export interface Setting {
  readonly step: Pick<Step, "call" | "args">
  readonly fixture: Fixture
  readonly places: Places
  readonly cache: CacheFiles
  readonly invocations: ReadonlyArray<Invocation>
}

/** The rules cannot say what libcni does there: it crashes, merges members, or reads what it should not. */
export class Unknown extends Error {}

/** One computation of what must come of a step. */
export class Situation {
  readonly setting: Setting
  readonly cache: Map<string, string>
  readonly asked: Array<Invocation> = []
  /** The rows that applied so far. */
  readonly rows = new Set<Row>()
  readonly #isOff: (row: Row) => boolean

  constructor(setting: Setting, isOff: (row: Row) => boolean) {
    this.setting = setting
    this.cache = new Map(setting.cache)
    this.#isOff = isOff
  }

  /** Whether we do what a row says, in a situation in which it applies. */
  readonly applies = (row: Row): boolean => {
    if (this.#isOff(row)) return false
    this.rows.add(row)
    return true
  }

  /** As `applies`, for rows of whose situation it is not known what libcni makes of it. */
  readonly require = (row: Row): void => {
    if (!this.applies(row)) throw new Unknown(row)
  }

  /** Fails with what a row says. */
  readonly refuse = (row: Row, failure: Failure): Effect.Effect<never, Failure> => {
    this.require(row)
    return Effect.fail(failure)
  }
}

/** What must come of a call, by the rules. */
export type Expected = (situation: Situation) => Effect.Effect<unknown, Failure | Failures>

/** What must come of a step, and the rows that applied. */
export interface Expectation {
  readonly outcome: Outcome
  readonly rows: ReadonlySet<Row>
}

/** What must come of a step without some of the rows; nothing where the rules cannot say. */
export const expect = (
  expected: Expected,
  setting: Setting,
  isOff: (row: Row) => boolean
): Expectation | undefined => {
  const situation = new Situation(setting, isOff)
  try {
    const end: Outcome = Effect.runSync(
      Effect.match(expected(situation), { onFailure: (error) => ({ error }), onSuccess: (value) => ({ value }) })
    )
    const cache = Object.fromEntries([...situation.cache].map(([name, text]) => [name, parseJson(text)]))
    return { outcome: { ...end, invocations: situation.asked, cache }, rows: situation.rows }
  } catch {
    return undefined
  }
}

/** What libcni's world looked like at a step, by what was recorded of the steps before it. */
import type { CacheFiles } from "./fixture.ts"
import { differences, parseJson } from "./json.ts"
import type { Fixture, Invocation, Outcome } from "./vector.ts"

/** The cache, and what plugins had been asked. */
export interface World {
  readonly cache: CacheFiles
  readonly invocations: ReadonlyArray<Invocation>
}

/** Before the first step. */
export const initially = ({ cache }: Fixture): World => ({
  cache: new Map(Object.entries(cache).filter(([name]) => !name.startsWith("../"))),
  invocations: []
})

/** After a step. Calls that are no operations leave everything as it is. */
export const after = ({ cache, invocations }: World, want: Outcome): World => ({
  cache: want.cache === undefined
    ? cache
    : new Map(Object.entries(want.cache).map(([name, file]) => [name, text(file)])),
  invocations: [...invocations, ...(want.invocations ?? [])]
})

const text = (file: unknown): string => typeof file === "string" ? file : JSON.stringify(file)

/** Whether a step finds the same in both: the files, and how often each plugin was asked what. */
export const isSame = (left: World, right: World): boolean => differences(state(left), state(right), "").length === 0

const state = ({ cache, invocations }: World) => {
  const counts: Record<string, number> = {}
  for (const { command, plugin } of invocations) {
    const key = `${plugin} ${command}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return { counts, cache: Object.fromEntries([...cache].map(([name, file]) => [name, parseJson(file)])) }
}

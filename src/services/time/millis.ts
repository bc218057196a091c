/** Durations in ms. To read one from words takes longer than to look it up, and each run of a plugin has three. */
import * as Duration from "effect/Duration"

/** `Duration.toMillis`, which remembers what words mean. */
export const toMillis = (duration: Duration.Input): number => {
  if (typeof duration !== "string") return Duration.toMillis(duration)
  const known = meanings.get(duration)
  if (known !== undefined) return known
  if (meanings.size >= 100) meanings.clear()
  const ms = Duration.toMillis(duration)
  meanings.set(duration, ms)
  return ms
}

const meanings = new Map<string, number>()

/** Measures how long something takes, without `performance`: its first use loads modules of Node for a millisecond. */

/** Starts one; it gives the milliseconds since. */
export const stopwatch = (): () => number => {
  const startedAt = process.hrtime.bigint()
  return () => Number(process.hrtime.bigint() - startedAt) / 1_000_000
}

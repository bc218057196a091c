/** How long the event loop is kept from its timers. */

/** Runs something; with the longest time between two runs of a timer of 1 ms, of which nothing is subtracted. */
export const watched = async <A>(run: () => Promise<A>): Promise<{ readonly value: A; readonly delay: number }> => {
  let delay = 0
  let last = performance.now()
  const look = () => {
    const now = performance.now()
    delay = Math.max(delay, now - last)
    last = now
  }
  const timer = setInterval(look, 1)
  try {
    const value = await run()
    look()
    return { value, delay }
  } finally {
    clearInterval(timer)
  }
}

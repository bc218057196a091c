/** What a terminal may do to the demo at any moment, none of which may leave anything behind. */
import * as Show from "./show.ts"

/**
 * `runMain` interrupts the demo at SIGINT and SIGTERM, however often they come. So does from here on a terminal that
 * closes, and Ctrl-\; and nobody has to listen any more to what the demo says (`npm run demo | head`).
 */
export const handle = (): void => {
  for (const signal of ["SIGHUP", "SIGQUIT"] as const) process.on(signal, () => process.kill(process.pid, "SIGTERM"))
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, notice)
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
}

let noticed = false

const notice = (): void => {
  if (!noticed) console.log(`\n${Show.bad("Interrupted")}  what was done is being undone; that cannot be interrupted\n`)
  noticed = true
}

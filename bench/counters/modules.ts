/** Prints how many modules `modules SPECIFIER` loads, other than Node's own. */
import { registerHooks } from "node:module"
import * as process from "node:process"

const loaded = new Set<string>()
registerHooks({
  load: (url, context, next) => {
    if (!url.startsWith("node:")) loaded.add(url)
    return next(url, context)
  }
})
await import(process.argv[2] ?? "")
process.stdout.write(String(loaded.size))

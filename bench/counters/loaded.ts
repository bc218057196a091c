/** Imported before a program of CommonJS: tells on stderr, when it ends, which files it has loaded. */
import { createRequire } from "node:module"
import process from "node:process"

const { cache } = createRequire(import.meta.url)
process.on("exit", () => process.stderr.write(JSON.stringify(Object.keys(cache))))

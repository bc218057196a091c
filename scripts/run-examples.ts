/** Runs every example as a user would; one that fails makes this fail. */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"

const root = Path.resolve(import.meta.dirname, "..")
const examples = Fs.readdirSync(Path.join(root, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() || entry.name.endsWith(".ts"))
  .map((entry) => Path.join("examples", entry.name, entry.isDirectory() ? "main.ts" : ""))

const failed = examples.filter((example) => {
  console.log(`\n=== ${example}`)
  const { status } = spawnSync(process.execPath, ["--conditions=effect-cni-source", Path.join(root, example)], {
    stdio: "inherit",
    cwd: root
  })
  return status !== 0
})
console.log(
  `\n${examples.length - failed.length} examples ran${failed.length > 0 ? `, failed: ${failed.join(", ")}` : ""}`
)
process.exitCode = failed.length === 0 ? 0 : 1

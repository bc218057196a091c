/** Every gate, one after the other; ends with how many passed. With names as arguments, only those. */
import { spawnSync } from "node:child_process"
import * as Path from "node:path"

const gates: Readonly<Record<string, ReadonlyArray<string>>> = {
  test: ["npm", "test"],
  "test as an ordinary user": ["npm", "run", "-s", "test:user"],
  "slow tests": ["npm", "run", "-s", "test:slow"],
  conformance: ["npm", "run", "-s", "conformance"],
  typecheck: ["npm", "run", "-s", "typecheck"],
  "effect-diagnostics": ["npm", "run", "-s", "effect-diagnostics"],
  lint: ["npm", "run", "-s", "lint"],
  format: ["npm", "run", "-s", "format-check"],
  build: ["npm", "run", "-s", "build"],
  docs: ["npm", "run", "-s", "docs-check"],
  examples: ["npm", "run", "-s", "examples"],
  "real plugins and libcni": ["npm", "run", "-s", "test:real"],
  faults: ["npm", "run", "-s", "test:fault", "--", "--kills", "50", "--real", "30"],
  endurance: ["npm", "run", "-s", "test:endurance", "--", "--runs", "3000"],
  counters: ["npm", "run", "-s", "bench:counters"],
  bench: ["npm", "run", "-s", "bench", "--", "--quick"]
}

const chosen = Object.entries(gates).filter(([name]) => process.argv.length === 2 || process.argv.includes(name))
const failed = chosen.filter(([name, [command = "", ...args]]) => {
  console.log(`\n##### ${name}`)
  const startedAt = performance.now()
  const { status } = spawnSync(command, args, { stdio: "inherit", cwd: Path.resolve(import.meta.dirname, "..") })
  console.log(
    `##### ${name}: ${status === 0 ? "passed" : "FAILED"} in ${Math.round((performance.now() - startedAt) / 1000)} s`
  )
  return status !== 0
})

if (failed.length > 0) console.log(`\nfailed: ${failed.map(([name]) => name).join(", ")}`)
console.log(`\n${chosen.length - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length === 0 && chosen.length > 0 ? 0 : 1

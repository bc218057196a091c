/** What docs/cli.md says is printed is what is printed. */
import { assert, it } from "@effect/vitest"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { hasCommand, mention, missingForRealPlugins } from "./support.ts"

const missing = [
  ...missingForRealPlugins,
  ...["script", "setpriv", "unshare"].filter((name) => !hasCommand(name)).map((name) => `the command ${name}`)
]

it("the guide of the command can be made again, and is the same", ({ skip }) => {
  mention(missing, skip)
  const script = Path.join(import.meta.dirname, "../../scripts/cli-guide.ts")
  const { status, stdout } = ChildProcess.spawnSync(
    process.execPath,
    ["--conditions=effect-cni-source", script, "--check"],
    { encoding: "utf8" }
  )
  assert.strictEqual(status, 0, stdout)
}, 120_000)

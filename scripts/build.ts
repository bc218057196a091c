/** Compiles `src` to `dist`, bundles the command, and proves that every entry point and the command run from there. */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { bundleCli } from "./bundle-cli.ts"

const root = Path.resolve(import.meta.dirname, "..")
const run = (command: string, args: ReadonlyArray<string>): void => {
  const { status } = spawnSync(command, args, { stdio: "inherit", cwd: root })
  if (status !== 0) process.exit(status ?? 1)
}

Fs.rmSync(Path.join(root, "dist"), { recursive: true, force: true })
run("tsc", ["-p", "tsconfig.build.json"])
const sizes = await bundleCli()

const imports = ["effect-cni", "effect-cni/node", "effect-cni/testing"].map((entry) => `await import("${entry}")`)
run(process.execPath, ["--input-type=module", "-e", `${imports.join("; ")}; console.log("the built package loads")`])

const bytes = Object.values(sizes).reduce((sum, size) => sum + size, 0)
console.log(`the command is ${Math.round(bytes / 1024)} KiB in ${Object.keys(sizes).length} files`)
const { stdout } = spawnSync(Path.join(root, "dist", "cli", "effect-cni.cjs"), ["--version"], { encoding: "utf8" })
if (!stdout.startsWith("effect-cni v")) throw new Error(`the built command does not run: ${stdout}`)

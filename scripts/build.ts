/** Compiles `src` to `dist`, and proves that every entry point of the package loads from there. */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"

const root = Path.resolve(import.meta.dirname, "..")
const run = (command: string, args: ReadonlyArray<string>): void => {
  const { status } = spawnSync(command, args, { stdio: "inherit", cwd: root })
  if (status !== 0) process.exit(status ?? 1)
}

Fs.rmSync(Path.join(root, "dist"), { recursive: true, force: true })
run("tsc", ["-p", "tsconfig.build.json"])

const imports = ["effect-cni", "effect-cni/node", "effect-cni/testing"].map((entry) => `await import("${entry}")`)
run(process.execPath, ["--input-type=module", "-e", `${imports.join("; ")}; console.log("the built package loads")`])

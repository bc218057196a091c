/** What the figures were taken on. */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as process from "node:process"

/** Names and values, to be shown as they are. */
export const describeMachine = (directory: string): ReadonlyArray<readonly [name: string, value: string]> => [
  ["CPU", `${Os.cpus()[0]?.model ?? "unknown"}, ${Os.availableParallelism()} cores`],
  ["memory", `${Math.round(Os.totalmem() / 2 ** 30)} GiB`],
  ["kernel", `${Os.type()} ${Os.release()}`],
  ["file system of the caches", output("df", "--output=fstype", directory).split("\n").at(-1) ?? ""],
  ["Node", process.version],
  ["effect", versionIn("effect/package.json")],
  ["effect-cni", versionIn("effect-cni/package.json")],
  ["libcni", packageVersion("golang-github-appc-cni-dev")],
  ["reference plugins", packageVersion("containernetworking-plugins")],
  ["Go", output("go", "env", "GOVERSION")]
]

const output = (command: string, ...args: ReadonlyArray<string>): string => {
  try {
    return ChildProcess.execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
  } catch {
    return "unknown"
  }
}

const packageVersion = (name: string): string => {
  const version = output("dpkg-query", "--show", "--showformat=${Version}", name)
  return `${version} (Debian's ${name})`
}

const versionIn = (specifier: string): string => {
  const text = Fs.readFileSync(createRequire(import.meta.url).resolve(specifier), "utf8")
  return /"version":\s*"([^"]*)"/.exec(text)?.[1] ?? "unknown"
}

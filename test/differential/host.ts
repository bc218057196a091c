/** Carries a scenario out by one of the tools, on a host of its own, and tells what could be seen of it. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryDirectory, writeFile, writePlugin } from "../support/directory.ts"
import type { Observed } from "./observed.ts"
import type { Answer, Call, Plugin, Scenario } from "./scenario.ts"

/** A command line to be run in a scenario's directory; it keeps its records in `cache` there. */
export type Tool = (
  directory: string,
  call: Call
) => { readonly command: ReadonlyArray<string>; readonly environment: Readonly<Record<string, string>> }

/** What could be seen of every call; records that another one left can be there before. */
export const carryOut = (
  tool: Tool,
  { calls, networks, plugins }: Scenario,
  records: Readonly<Record<string, string>> = {}
): Effect.Effect<ReadonlyArray<Observed>> =>
  Effect.scoped(Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    for (const name of ["conf", "bin", "cache"]) Fs.mkdirSync(Path.join(directory, name))
    for (const [name, network] of Object.entries(networks)) {
      writeFile(directory, `conf/${name}`, typeof network === "string" ? network : JSON.stringify(network))
    }
    for (const [name, plugin] of Object.entries(plugins)) writePlugin(directory, `bin/${name}`, scriptOf(name, plugin))
    for (const [name, text] of Object.entries(records)) {
      writeFile(directory, `cache/results/${name}`, text.replaceAll(place, directory))
    }
    return yield* Effect.forEach(calls, (call) => Effect.map(run(tool, directory, call), seenIn(directory)))
  }))

/** Stands for the host's directory, whose name is another one each time. */
const place = "<host>"

const run = (tool: Tool, directory: string, call: Call) =>
  Effect.callback<Said>((resume) => {
    for (const [name, text] of Object.entries(call.before ?? {})) {
      if (text === null) Fs.rmSync(Path.join(directory, name))
      else writeFile(directory, name, text)
    }
    const { command: [program = "", ...args], environment } = tool(directory, call)
    const env = {
      PATH: process.env["PATH"],
      HOME: directory,
      NETCONFPATH: `${directory}/conf`,
      CNI_PATH: `${directory}/bin`,
      ...environment,
      ...call.environment
    }
    ChildProcess.execFile(program, args, { cwd: directory, env }, (error, stdout, stderr) => {
      const status = error === null ? 0 : typeof error.code === "number" ? error.code : -1
      resume(Effect.succeed({ status, stdout, words: stderr.trimEnd().split("\n").at(-1) ?? "" }))
    })
  })

type Said = Pick<Observed, "status" | "stdout" | "words">

const seenIn = (directory: string) => (said: Said): Observed => {
  const results = Path.join(directory, "cache", "results")
  const log = Path.join(directory, "log")
  const records = Fs.existsSync(results) ? Fs.readdirSync(results).toSorted() : []
  const invocations = Fs.existsSync(log) ? Fs.readFileSync(log, "utf8").trimEnd().split("\n") : []
  Fs.rmSync(log, { force: true })
  const portable = (text: string) => text.replaceAll(directory, place)
  return {
    status: said.status,
    stdout: portable(said.stdout),
    words: portable(said.words),
    records: Object.fromEntries(
      records.map((name) => [name, portable(Fs.readFileSync(Path.join(results, name), "utf8"))])
    ),
    invocations: invocations.map(portable)
  }
}

const variables = ["COMMAND", "CONTAINERID", "NETNS", "IFNAME", "ARGS", "PATH"]

/** Writes down what it is told, one line a run, and answers. */
const scriptOf = (name: string, plugin: Plugin): string => {
  const told = variables.map((variable) => `${variable}=\${CNI_${variable}-unset}`).join(" ")
  const arms = Object.entries(plugin).map(([command, answer]) => `${command})\n${armOf(answer)}\n;;`)
  return [
    `stdin=$(cat)`,
    `printf '%s\\n' "${name} ${told} $stdin" >> "\${0%/bin/*}/log"`,
    `case $CNI_COMMAND in`,
    ...arms,
    "esac"
  ].join("\n")
}

const armOf = ({ status = 0, stderr, stdout }: Answer): string => {
  const text = stdout === undefined || typeof stdout === "string" ? stdout : JSON.stringify(stdout)
  return [
    ...(text === undefined ? [] : [`cat <<'TEXT'\n${text}\nTEXT`]),
    ...(stderr === undefined ? [] : [`echo '${stderr}' >&2`]),
    `exit ${status}`
  ].join("\n")
}

/** A scripted plugin as a real executable: a shell script that tells what it was asked and answers from files. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { parseJson } from "./json.ts"
import type { Fixture, Invocation, Reply } from "./vector.ts"

interface ScriptedPlugin {
  readonly file: string
  readonly runs: string
  /** Its place among the scenario's plugins, by which it is known in `runs`. */
  readonly index: number
  readonly replies: Fixture["plugins"][string]
}

/**
 * Writes the executable. It uses as few programs besides the shell as it can, since every one costs a process. Runs of a
 * scenario are one after the other, so plain files are enough to count them.
 */
export const writeScriptedPlugin = ({ file, index, replies, runs }: ScriptedPlugin): void => {
  const arms = Object.entries(replies).sort(([left], [right]) => Number(left === "*") - Number(right === "*"))
    .flatMap(([command, list]) => list.map((reply, at) => arm({ command, reply, at, isLast: at === list.length - 1 })))
  const outputs = Path.join(runs, `${index}`)
  Fs.mkdirSync(outputs)
  arms.forEach(({ reply }, at) => {
    Fs.writeFileSync(Path.join(outputs, `${at}.out`), reply.stdout)
    Fs.writeFileSync(Path.join(outputs, `${at}.err`), reply.stderr)
  })
  const script = [
    "#!/bin/sh",
    `cd ${quote(outputs)} || exit 99`,
    "s=0; [ -f ../count ] && read -r s < ../count; echo $((s + 1)) > ../count",
    "n=0; [ -f \"count.$CNI_COMMAND\" ] && read -r n < \"count.$CNI_COMMAND\"; echo $((n + 1)) > \"count.$CNI_COMMAND\"",
    "case $CNI_COMMAND.$n in",
    ...arms.map(({ pattern, reply }, at) => `${pattern})\n${body(reply, at, index)}\n;;`),
    `*) ${tell(true, index)} ;;`,
    "esac\n"
  ]
  Fs.mkdirSync(Path.dirname(file), { recursive: true })
  Fs.writeFileSync(file, script.join("\n"), { mode: 0o755 })
}

interface Arm {
  readonly command: string
  readonly reply: Reply
  readonly at: number
  readonly isLast: boolean
}

const arm = ({ at, command, isLast, reply }: Arm) => ({
  pattern: `${command === "*" ? "*" : quote(command)}.${isLast ? "*" : at}`,
  reply
})

// The environment, of which every entry ends with a NUL, then the input.
const tell = (readsStdin: boolean, index: number): string =>
  `cat /proc/$$/environ${readsStdin ? " -" : ""} > "../run.$s.${index}"`

const body = ({ exit, readStdin = true, signal, sleepMs = 0, stderr, stdout }: Reply, at: number, index: number) =>
  [
    tell(readStdin, index),
    ...(sleepMs > 0 ? [`sleep ${sleepMs / 1000}`] : []),
    ...(stdout === "" ? [] : [`cat ${at}.out`]),
    ...(stderr === "" ? [] : [`cat ${at}.err >&2`]),
    signal === undefined ? `exit ${exit}` : `kill -${signal.replace(/^SIG/, "")} $$; sleep 10`
  ].join("\n")

const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** What the plugins of a scenario were asked so far, in order. */
export const readInvocations = (runs: string, types: ReadonlyArray<string>): ReadonlyArray<Invocation> =>
  Fs.readdirSync(runs)
    .map((name) => ({ name, place: /^run\.(\d+)\.(\d+)$/.exec(name) }))
    .flatMap(({ name, place }) => place === null ? [] : [{ name, run: Number(place[1]), index: Number(place[2]) }])
    .sort((left, right) => left.run - right.run)
    .map(({ index, name }) => invocation(types[index] ?? "", Fs.readFileSync(Path.join(runs, name), "utf8")))

const invocation = (plugin: string, told: string): Invocation => {
  const end = told.lastIndexOf("\0") + 1
  const env = Object.fromEntries(
    told.slice(0, end).split("\0").map((entry) => entry.split(/=(.*)/s, 2)).filter(([name = ""]) =>
      name.startsWith("CNI_")
    ).map(([name = "", value = ""]) => [name, value])
  )
  const stdin = told.slice(end)
  return { plugin, command: env["CNI_COMMAND"] ?? "", env, stdin: stdin === "" ? null : parseJson(stdin) }
}

/** What comes of a run of a plugin: D10, D11, D19, D22 and D24 and D32 say where we differ. */
import { Effect, Result } from "effect"
import { Json } from "effect-cni"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { isMembers } from "../json.ts"
import { replyTo } from "../scenario.ts"
import type { Failure, Reply } from "../vector.ts"
import { hasOddInteger, isTooMuch } from "./limits.ts"
import type { Rt } from "./request.ts"
import { otherCase } from "./shapes.ts"
import type { Situation } from "./situation.ts"

/** A run: of which plugin, with which command, for whom, with which input. */
export interface Run {
  readonly type: string
  readonly command: string
  readonly rt: Pick<Rt, "args" | "containerId" | "ifName" | "netns">
  readonly stdin: unknown
}

/** Finds the executable of a plugin among the scenario's. */
export const find = (situation: Situation, plugin: string): Effect.Effect<string, Failure> => {
  if (plugin === "" || plugin.includes("/")) return Effect.fail({ tag: "InvalidPluginType", plugin })
  const file = Path.join(situation.setting.places.bin, plugin)
  const stat = Fs.statSync(file, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isFile()) return Effect.fail({ tag: "PluginNotFound", plugin })
  return (stat.mode & 0o111) === 0
    ? situation.refuse("D19", { tag: "PluginNotExecutable", plugin })
    : Effect.succeed(file)
}

/** Runs a plugin: its output, if it succeeds. */
export const run = (situation: Situation, asked: Run): Effect.Effect<string, Failure> =>
  Effect.flatMap(find(situation, asked.type), () => answer(situation, asked))

const answer = (situation: Situation, { command, rt, stdin, type }: Run): Effect.Effect<string, Failure> => {
  const { fixture, invocations, places } = situation.setting
  if (fixture.plugins[type] === undefined || fixture.tree?.[`bin/${type}`] !== undefined) {
    return situation.refuse("D24", { tag: "PluginSpawnFailed", plugin: type })
  }
  const reply = replyTo(fixture, [...invocations, ...situation.asked], { plugin: type, command }) ?? silent
  situation.asked.push({
    plugin: type,
    command,
    env: environment(command, rt, places.bin),
    stdin: reply.readStdin === false ? null : stdin
  })
  return outcome(situation, type, reply)
}

const silent: Reply = { stdout: "", stderr: "", exit: 0 }

const environment = (command: string, { args, containerId, ifName, netns }: Run["rt"], bin: string) => {
  const of = (id: string, space: string, name: string, path: string) => ({
    CNI_COMMAND: command,
    CNI_CONTAINERID: id,
    CNI_NETNS: space,
    CNI_IFNAME: name,
    CNI_PATH: path,
    CNI_ARGS: args.map((pair) => pair.join("=")).join(";")
  })
  return command === "VERSION" ? of("", "dummy", "dummy", "dummy") : of(containerId, netns, ifName, bin)
}

const outcome = (situation: Situation, plugin: string, reply: Reply): Effect.Effect<string, Failure> => {
  const { timeoutMs } = situation.setting.step.args
  if (typeof timeoutMs === "number" && (reply.sleepMs ?? 0) > 0) {
    situation.require("D10")
    if ((reply.sleepMs ?? 0) > timeoutMs) return Effect.fail({ tag: "PluginTimeout", plugin })
  }
  if (reply.exit === 0 && reply.signal === undefined) return Effect.succeed(reply.stdout)
  return Effect.fail({ tag: "PluginError", plugin, ...complaint(situation, reply) })
}

/** What a failed plugin says, in libcni's words. What Go words by itself is not compared. */
const complaint = (situation: Situation, { exit, signal, stderr, stdout }: Reply): Omit<Failure, "tag"> => {
  if (stdout !== "") return reported(situation, stdout)
  const tail = Buffer.from(stderr).subarray(-stderrLimit).toString()
  if (tail !== stderr) situation.require("D11")
  const said = tail === "" ? " with no error message" : `: ${JSON.stringify(tail)}`
  return {
    code: 0,
    msg: `netplugin failed${said}: exit status ${exit}`,
    goSpecificText: signal !== undefined || !/^[\n\t -~]*$/.test(tail)
  }
}

const stderrLimit = 64 * 1024

/** The error object on stdout, read by exact keys; what Go says of one that is none is not compared. */
export const reported = (situation: Situation, stdout: string): Pick<Failure, "details" | "goSpecificText"> & Said => {
  const json = Result.getOrElse(Result.map(Json.parse(stdout), (value) => value ?? {}), () => undefined)
  if (isTooMuch(stdout)) situation.require("D27")
  if (hasOddInteger(stdout)) situation.require("D32")
  if (!isMembers(json)) return { code: 0, msg: "", goSpecificText: true }
  if (otherCase(json, ["code", "msg", "details"])) situation.require("D22")
  const { code, details, msg } = json
  const isCode = typeof code === "number" && Number.isInteger(code) && code >= 0 && code <= 2 ** 64
  const isWrong = !(isCode || (code ?? null) === null) || !isText(msg) || !isText(details)
  return {
    code: isCode ? code : 0,
    msg: typeof msg === "string" ? msg : "",
    ...(typeof details === "string" && details !== "" && { details }),
    ...(isWrong && { goSpecificText: true })
  }
}

interface Said {
  readonly code: number
  readonly msg: string
}

/** Whether a member is a string, or as good as missing. */
export const isText = (value: unknown): boolean => (value ?? null) === null || typeof value === "string"

/** Nobody, for runs that are about a network, or about none. */
export const nobody = { args: [], containerId: "", ifName: "", netns: "" }

/** A run of a plugin as it is told afterwards: when, how long, what it was given and what came of it. */
import type { Command, PluginOutputInvalid, PluginSpawnFailed, PluginTimeout } from "../errors/CniError.ts"
import { decodeText, type JsonObject } from "../json/Json.ts"
import { complaints, type PluginOutcome } from "./PluginReply.ts"
import type { PluginInvocation } from "./PluginRequest.ts"

/** `startMs` counts from the beginning of what is told of. `end` says in a few words what came of it. */
export interface PluginRun {
  readonly plugin: string
  readonly command: Command
  readonly network: string
  readonly containerId: string
  readonly startMs: number
  readonly lengthMs: number
  readonly ok: boolean
  readonly end: string
  readonly stdin: string
  readonly stdout: string
  readonly stderr: string
}

/** What a run was given, and when it was. */
export const about = (
  { command, containerId, network, plugin, stdin }: PluginInvocation,
  startMs: number,
  endMs: number
) => ({ plugin, command, network, containerId, stdin, startMs, lengthMs: endMs - startMs })

/** What came of a run that had an outcome. */
export const ofOutcome = ({ exit, stderr, stdout: bytes }: PluginOutcome): Ended => {
  const stdout = decodeText(bytes)
  if (exit._tag === "Exited" && exit.status === 0) return { ok: true, end: "ok", stdout, stderr }
  const how = exit._tag === "Exited" ? `exit status ${exit.status}` : `signal: ${exit.signal}`
  const { code, msg } = complaints.libcni(stdout, stderr, how)
  return { ok: false, end: code === 0 ? msg : `code ${code}: ${msg}`, stdout, stderr }
}

/** What came of a run that had none; nothing is known of an error where it was interrupted. */
export const ofError = (error: PluginSpawnFailed | PluginTimeout | PluginOutputInvalid | undefined): Ended => {
  switch (error?._tag) {
    case undefined:
      return { ok: false, end: "interrupted", stdout: "", stderr: "" }
    case "PluginTimeout":
      return { ok: false, end: `ended by ${error.endedBy} after ${error.limitMs} ms`, stdout: "", stderr: error.stderr }
    case "PluginSpawnFailed":
      return { ok: false, end: `could not be started: ${error.detail}`, stdout: "", stderr: "" }
    case "PluginOutputInvalid":
      return { ok: false, end: error.reason, stdout: error.excerpt, stderr: "" }
  }
}

type Ended = Pick<PluginRun, "ok" | "end" | "stdout" | "stderr">

/** The run as JSON; what went in and out only where it is asked for. */
export const toJson = ({ stderr, stdin, stdout, ...run }: PluginRun, withTexts: boolean): JsonObject => ({
  ...run,
  ...(withTexts && { stdin, stdout, stderr })
})

/** What a plugin answered: from the raw outcome of its process to a result, or to the error that it reports. */
import * as Result from "effect/Result"
import { PluginError, type PluginExit, PluginOutputInvalid } from "./CniError.ts"
import * as CniResult from "./CniResult.ts"
import type { DecodeIssue } from "./DecodeIssue.ts"
import { decodeText, isJsonObject, type Json, type JsonLimits, parse, parseBytes } from "./Json.ts"
import type { PluginInvocation } from "./PluginRequest.ts"

/** How a plugin's process ended and what it wrote. `stderr` is the end of it; `durationMs` is wall time. */
export interface PluginOutcome {
  readonly exit: PluginExit
  readonly stdout: Uint8Array
  readonly stderr: string
  readonly durationMs: number
}

/** Which run an error is about, in the fields that errors have for it. */
export const errorContext = ({ command, containerId, ifName, network, path, plugin }: PluginInvocation) => ({
  command,
  containerId,
  ifName,
  network,
  path,
  plugin
})

/** The outcome of a command whose stdout does not count: only the exit status decides. */
export const acknowledged = (
  invocation: PluginInvocation,
  outcome: PluginOutcome
): Result.Result<void, PluginError> => succeeded(outcome) ? Result.void : Result.fail(pluginError(invocation, outcome))

/** The outcome of an ADD: the result on stdout, of the configuration's version where it names none. */
export const result = (
  invocation: PluginInvocation,
  outcome: PluginOutcome,
  cniVersion: string,
  limits: JsonLimits
): Result.Result<CniResult.CniResult, PluginError | PluginOutputInvalid> => {
  if (!succeeded(outcome)) return Result.fail(pluginError(invocation, outcome))
  return parseBytes(outcome.stdout, limits).pipe(
    Result.mapError((reason): DecodeIssue => ({ at: "", reason })),
    Result.flatMap((json) => CniResult.fromJson(json, cniVersion)),
    Result.mapError((issue) => outputInvalid(invocation, outcome.stdout, issue))
  )
}

/** The error for output that cannot be used, with the beginning of it. */
export const outputInvalid = (
  invocation: PluginInvocation,
  stdout: Uint8Array,
  { at, reason }: DecodeIssue
): PluginOutputInvalid =>
  new PluginOutputInvalid({
    ...errorContext(invocation),
    at,
    reason,
    excerpt: decodeText(stdout.subarray(0, excerptBytes))
  })

const excerptBytes = 512

const succeeded = ({ exit }: PluginOutcome): boolean => exit._tag === "Exited" && exit.status === 0

const pluginError = (invocation: PluginInvocation, outcome: PluginOutcome): PluginError =>
  new PluginError({
    ...errorContext(invocation),
    ...complaint(outcome),
    exit: outcome.exit,
    stderr: outcome.stderr,
    durationMs: outcome.durationMs
  })

type Complaint = Pick<PluginError, "code" | "msg" | "details">

// The order in which libcni looks: stdout, then stderr, then how the process ended.
const complaint = (outcome: PluginOutcome): Complaint => {
  if (outcome.stdout.byteLength > 0) return reported(decodeText(outcome.stdout))
  const end = exitText(outcome.exit)
  return outcome.stderr === ""
    ? { code: 0, msg: `netplugin failed with no error message: ${end}` }
    : { code: 0, msg: `netplugin failed: ${JSON.stringify(outcome.stderr)}: ${end}` }
}

const exitText = (exit: PluginExit): string =>
  exit._tag === "Exited" ? `exit status ${exit.status}` : `signal: ${exit.signal}`

const reported = (stdout: string): Complaint => {
  const json = Result.filterOrFail(parse(stdout), isJsonObject, () => "an error must be a JSON object")
  if (Result.isFailure(json)) return { code: 0, msg: unreadable(stdout, json.failure) }
  const { code, details, msg } = json.success
  const wrong = isCode(code) ? isText(msg) ? isText(details) ? undefined : "details" : "msg" : "code"
  return {
    code: isCode(code) ? code ?? 0 : 0,
    msg: wrong === undefined && isText(msg) ? msg ?? "" : unreadable(stdout, `"${wrong}" has the wrong type`),
    ...(isText(details) && details ? { details } : {})
  }
}

const unreadable = (stdout: string, reason: string): string =>
  `netplugin failed but error parsing its diagnostic message ${
    JSON.stringify(stdout.slice(0, excerptBytes))
  }: ${reason}`

const isCode = (value: Json | undefined): value is number | null | undefined =>
  (value ?? null) === null || (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)

const isText = (value: Json | undefined): value is string | null | undefined =>
  (value ?? null) === null || typeof value === "string"

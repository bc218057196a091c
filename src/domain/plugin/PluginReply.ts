/** What a plugin answered: from the raw outcome of its process to a result, or to the error that it reports. */
import * as Result from "effect/Result"
import { PluginError, type PluginExit, PluginOutputInvalid } from "../errors/CniError.ts"
import type { Dialect } from "../errors/ErrorText.ts"
import { exitText, goQuote } from "../errors/GoWording.ts"
import { decodeText, isJsonObject, type Json, type JsonLimits, parse, parseBytes } from "../json/Json.ts"
import type { DecodeIssue } from "../json/JsonCodec.ts"
import * as CniResult from "../result/CniResult.ts"
import type { PluginInvocation } from "./PluginRequest.ts"

/** How a plugin's process ended and what it wrote. `stderr` is the end of it; `durationMs` is wall time. */
export interface PluginOutcome {
  readonly exit: PluginExit
  readonly stdout: Uint8Array
  readonly stderr: string
  readonly durationMs: number
}

/** Which run an error is about, in the fields that errors have for it. */
export const errorContext = (
  { command, containerId, ifName, network, path, plugin, pluginName }: PluginInvocation
) => ({
  command,
  containerId,
  ifName,
  network,
  path,
  plugin,
  ...(pluginName !== undefined && { pluginName })
})

/** The outcome of a command whose stdout does not count: only the exit status decides. */
export const acknowledged = (
  invocation: PluginInvocation,
  outcome: PluginOutcome,
  dialect: Dialect = "libcni"
): Result.Result<void, PluginError> =>
  succeeded(outcome) ? Result.void : Result.fail(pluginError(invocation, outcome, dialect))

/** The outcome of an ADD: the result on stdout, of the configuration's version where it names none. */
export const result = (
  invocation: PluginInvocation,
  outcome: PluginOutcome,
  cniVersion: string,
  limits: JsonLimits,
  dialect: Dialect = "libcni"
): Result.Result<CniResult.CniResult, PluginError | PluginOutputInvalid> => {
  if (!succeeded(outcome)) return Result.fail(pluginError(invocation, outcome, dialect))
  return readOutput(outcome.stdout, limits).pipe(
    Result.flatMap((json) => CniResult.fromJson(json, cniVersion)),
    Result.mapError((issue) => outputInvalid(invocation, outcome, issue))
  )
}

/** What a plugin wrote to stdout, which must be JSON. */
export const readOutput = (stdout: Uint8Array, limits: JsonLimits): Result.Result<Json, DecodeIssue> =>
  stdout.byteLength <= whiteSpaceBytes && decodeText(stdout).trim() === ""
    ? Result.fail({ at: "", reason: "it printed nothing" })
    : Result.mapError(parseBytes(stdout, limits), (reason) => ({ at: "", reason }))

const whiteSpaceBytes = 1024

/** Whether a plugin did what it was asked to, as far as its output shows without being decoded. */
export const hasAnswered = ({ command }: PluginInvocation, outcome: PluginOutcome): boolean =>
  succeeded(outcome) && ((command !== "ADD" && command !== "VERSION") || isAnswer(decodeText(outcome.stdout)))

const isAnswer = (stdout: string): boolean =>
  Result.match(parse(stdout), { onFailure: () => false, onSuccess: (json) => json === null || isJsonObject(json) })

/** The error for output that cannot be used, with the beginning of it. */
export const outputInvalid = (
  invocation: PluginInvocation,
  { stderr, stdout }: Pick<PluginOutcome, "stderr" | "stdout">,
  { at, reason }: DecodeIssue
): PluginOutputInvalid =>
  new PluginOutputInvalid({
    ...errorContext(invocation),
    at,
    reason,
    excerpt: decodeText(stdout.subarray(0, excerptBytes)),
    stderr
  })

/** Why output beyond the limit is no usable one. */
export const tooMuchOutput = (maxBytes: number): string =>
  `it wrote more than the ${maxBytes} bytes that OutputLimit allows`

const excerptBytes = 512

const succeeded = ({ exit }: PluginOutcome): boolean => exit._tag === "Exited" && exit.status === 0

const pluginError = (invocation: PluginInvocation, outcome: PluginOutcome, dialect: Dialect): PluginError => {
  const stdout = decodeText(outcome.stdout)
  const complaint = complaints[dialect](stdout, outcome.stderr, exitText(outcome.exit))
  return new PluginError({
    ...errorContext(invocation),
    ...complaint,
    ...(complaint.msg === "" && { excerpt: stdout.slice(0, excerptBytes) }),
    exit: outcome.exit,
    stderr: outcome.stderr,
    durationMs: outcome.durationMs
  })
}

/** What a failed plugin says is wrong: CNI's code, message and details. */
export type Complaint = Pick<PluginError, "code" | "msg" | "details">

type Complaining = (stdout: string, stderr: string, exitText: string) => Complaint

/** Both look at stdout first, then at stderr, then at how the process ended; they word it differently. */
export const complaints: Readonly<Record<Dialect, Complaining>> = {
  libcni: (stdout, stderr, exitText) => {
    if (stdout !== "") return reported(stdout, "netplugin failed but error parsing its diagnostic message")
    return stderr === ""
      ? { code: 0, msg: `netplugin failed with no error message: ${exitText}` }
      : { code: 0, msg: `netplugin failed: ${goQuote(stderr)}: ${exitText}` }
  },
  podman: (stdout, stderr, exitText) =>
    stdout === "" ? { code: 0, msg: stderr || exitText } : reported(stdout, "failed to unmarshal error message")
}

const reported = (stdout: string, unreadable: string): Complaint => {
  const quoted = (reason: string) => `${unreadable} ${goQuote(stdout.slice(0, excerptBytes))}: ${reason}`
  const read = Result.map(parse(stdout), (value) => value ?? {})
  const json = Result.filterOrFail(read, isJsonObject, () => "an error must be a JSON object")
  if (Result.isFailure(json)) return { code: 0, msg: quoted(json.failure) }
  const { code, details, msg } = json.success
  const wrong = isCode(code) ? isText(msg) ? isText(details) ? undefined : "details" : "msg" : "code"
  return {
    code: isCode(code) ? Number(code ?? 0) : 0,
    msg: wrong === undefined && isText(msg) ? msg ?? "" : quoted(`"${wrong}" has the wrong type`),
    ...(isText(details) && details ? { details } : {})
  }
}

const isCode = (value: Json | undefined): value is number | bigint | null | undefined =>
  (value ?? null) === null || typeof value === "bigint" && isUint64(value) ||
  typeof value === "number" && Number.isInteger(value) && isUint64(BigInt(value))

const isUint64 = (value: bigint): boolean => BigInt.asUintN(64, value) === value

const isText = (value: Json | undefined): value is string | null | undefined =>
  (value ?? null) === null || typeof value === "string"

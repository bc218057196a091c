/** The functions: D1, D16, D19, D22, D26 and D27. */
import { Effect, Result } from "effect"
import { CniResult, Json } from "effect-cni"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Podman } from "../calls/arguments.ts"
import { isMembers, parseJson } from "../json.ts"
import type { Failure } from "../vector.ts"
import { hasOddInteger, isTooMuch } from "./limits.ts"
import { type Network, readPlugin, unreadable } from "./network.ts"
import { reported } from "./plugins.ts"
import { converted, type Known, readResult, shown } from "./results.ts"
import { otherCase } from "./shapes.ts"
import type { Situation } from "./situation.ts"
import { readReport } from "./validation.ts"

const invalid: Failure = { tag: "PluginOutputInvalid", goSpecificText: true }

/** A result of a known version. */
export const createResult = (situation: Situation, version: string, bytes: string) =>
  Effect.map(created(situation, version, bytes), (known) => shown(situation, known))

/** The same in another version. */
export const convertResult = (situation: Situation, version: string, bytes: string, to: string) =>
  created(situation, version, bytes).pipe(
    Effect.flatMap((known) =>
      Effect.fromResult(converted(known, to)).pipe(
        Effect.mapError((): Failure => ({ tag: "ResultConversionError", goSpecificText: true }))
      )
    ),
    Effect.map((known) => shown(situation, known))
  )

const created = (situation: Situation, version: string, bytes: string): Effect.Effect<Known, Failure> => {
  if (isTooMuch(bytes)) return situation.refuse("D27", invalid)
  if (hasOddInteger(bytes)) situation.require("D32")
  const known = Result.flatMap(
    Json.parse(bytes),
    (json) => readResult(situation, json, version || "0.1.0", (stripped) => CniResult.create(version, stripped))
  )
  return Effect.mapError(Effect.fromResult(known), () => invalid)
}

/** The version that a configuration names. */
export const decodeVersion = (situation: Situation, bytes: string): Effect.Effect<unknown, Failure> => {
  if (isTooMuch(bytes)) return situation.refuse("D27", unreadable)
  const json = parseJson(bytes) ?? {}
  if (!isMembers(json)) return Effect.fail(unreadable)
  if (otherCase(json, ["cniVersion"])) situation.require("D22")
  const version = json["cniVersion"] ?? ""
  return typeof version === "string" ? Effect.succeed(version || "0.1.0") : Effect.fail(unreadable)
}

/** What a plugin reports of its versions. */
export const decodeVersionInfo = (situation: Situation, bytes: string) =>
  isTooMuch(bytes) ? situation.refuse("D27", invalid) : readReport(situation, bytes, {})

/** The first file of a plugin's name that may be executed. */
export const findInPath = (
  situation: Situation,
  plugin: string,
  paths: ReadonlyArray<string>
): Effect.Effect<unknown, Failure> => {
  if (plugin === "" || plugin.includes("/")) return Effect.fail({ tag: "InvalidPluginType", plugin })
  const files = paths.map((path) => Path.join(situation.setting.places.root, path, plugin)).filter(isRegular)
  const [first] = files
  if (first === undefined) return Effect.fail({ tag: "PluginNotFound", plugin })
  const found = files.find((file) => (Fs.statSync(file).mode & 0o111) !== 0)
  if (found !== first) situation.require("D19")
  return found === undefined
    ? Effect.fail({ tag: "PluginNotExecutable", plugin })
    : Effect.succeed(Path.relative(situation.setting.places.root, found))
}

const isRegular = (file: string): boolean => {
  try {
    return Fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/** What podman says of a failed plugin that wrote an error object. */
export const podmanError = (
  situation: Situation,
  { exitText, plugin, stderr, stdout }: typeof Podman.Type
): Effect.Effect<unknown, Failure> => {
  const said = stdout === "" ? { code: 0, msg: stderr || exitText } : reported(situation, stdout)
  const { code, details, goSpecificText, msg } = { details: "", goSpecificText: false, ...said }
  const name = `cni plugin ${Path.basename(plugin) || (plugin === "" ? "." : "/")} failed`
  const reason = msg === "" ? (code > 0 ? `${name} with error code ${code}` : name) : `${name}: ${msg}`
  const text = details === "" ? reason : `${reason}: ${details}`
  return Effect.succeed({ msg, code, details, text, ...(goSpecificText && { goSpecificText }) })
}

/** A plugin's configuration with members put in. */
export const injected = (
  situation: Situation,
  { plugins: [plugin] }: Network,
  values: Json.JsonObject
): Effect.Effect<Network, Failure> =>
  plugin === undefined || Object.entries(values).some(([key, value]) => key === "" || value === null)
    ? Effect.fail(unreadable)
    : readPlugin(situation, Json.stringify({ ...plugin.json, ...values }))

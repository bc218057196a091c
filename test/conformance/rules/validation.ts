/** Asking plugins for their versions: D10, D19, D22 and D24, and D1 for the network itself. */
import { Effect, Result } from "effect"
import { isArray, isMembers, parseJson } from "../json.ts"
import type { Failure, Failures } from "../vector.ts"
import type { Network } from "./network.ts"
import { isText, nobody, run } from "./plugins.ts"
import { otherCase } from "./shapes.ts"
import type { Situation } from "./situation.ts"

/** The capabilities of a single plugin that speaks its version. */
export const validatePlugin = Effect.fnUntraced(function*(
  situation: Situation,
  { cniVersion, plugins }: Network
): Effect.fn.Return<unknown, Failure> {
  yield* Effect.forEach(plugins, ({ type }) => supports(situation, type, cniVersion), { discard: true })
  return capabilities(plugins)
})

/** The capabilities of a network whose plugins all speak its version; else what is wrong with each. */
export const validateNetwork = Effect.fnUntraced(function*(
  situation: Situation,
  { cniVersion, plugins }: Network
): Effect.fn.Return<unknown, Failures> {
  const checked = yield* Effect.forEach(plugins, ({ type }) => Effect.result(supports(situation, type, cniVersion)))
  const errors = checked.filter(Result.isFailure).map(({ failure }) => failure)
  return errors.length === 0 ? capabilities(plugins) : yield* Effect.fail({ errors })
})

const supports = Effect.fnUntraced(function*(situation: Situation, type: string, cniVersion: string) {
  const { supportedVersions } = yield* versionsOf(situation, type)
  if (supportedVersions.includes(cniVersion || "0.1.0")) return
  return yield* Effect.fail<Failure>({ tag: "VersionNotSupported", plugin: type })
})

const capabilities = (plugins: Network["plugins"]): ReadonlyArray<string> =>
  [...new Set(plugins.flatMap(({ capabilities }) => Object.keys(capabilities).filter((name) => capabilities[name])))]
    .sort()

/** What a plugin reports of its versions. */
export const versionsOf = (
  situation: Situation,
  type: string
): Effect.Effect<Report, Failure> =>
  run(situation, { type, command: "VERSION", rt: nobody, stdin: { cniVersion: "1.1.0" } }).pipe(
    Effect.flatMap((stdout) => readReport(situation, stdout, { plugin: type })),
    Effect.catchIf(
      ({ details, msg }) => msg === "unknown CNI_COMMAND: VERSION" && details === undefined,
      () => Effect.succeed({ cniVersion: "1.1.0", supportedVersions: ["0.1.0"] })
    )
  )

/** Reads a report by exact keys. */
export const readReport = (
  situation: Situation,
  text: string,
  about: { readonly plugin?: string }
): Effect.Effect<Report, Failure> => {
  const json = parseJson(text) ?? {}
  const invalid = Effect.fail<Failure>({ tag: "PluginOutputInvalid", ...about, goSpecificText: true })
  if (!isMembers(json)) return invalid
  if (otherCase(json, ["cniVersion", "supportedVersions"])) situation.require("D22")
  const { cniVersion } = json
  const supported = json["supportedVersions"] ?? []
  if (typeof cniVersion !== "string" || cniVersion === "" || !isArray(supported)) return invalid
  if (!supported.every(isText)) return invalid
  if (supported.length > 0) return Effect.succeed({ cniVersion, supportedVersions: supported.map(String) })
  return cniVersion === "0.2.0"
    ? Effect.succeed({ cniVersion: "1.1.0", supportedVersions: ["0.1.0", "0.2.0"] })
    : invalid
}

interface Report {
  readonly cniVersion: string
  readonly supportedVersions: ReadonlyArray<string>
}

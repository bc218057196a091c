/** Versions of the CNI specification: how they are written, ordered, and which of them we speak. */
import * as Order from "effect/Order"
import * as Result from "effect/Result"
import { InvalidVersion } from "../errors/CniError.ts"

/** Every version of the specification whose results we can read, oldest first. */
export const supported = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const

/** The newest version that we speak. */
export const current = "1.1.0"

/** A parsed version: major, minor, micro. */
export type CniVersion = readonly [major: number, minor: number, micro: number]

/**
 * Parses one to three dot-separated integers (missing ones are 0). The empty string is 0.1.0, the version of a
 * configuration that names none.
 */
export const parse = (version: string): Result.Result<CniVersion, InvalidVersion> => {
  if (version === "") return Result.succeed([0, 1, 0])
  const parts = version.split(".")
  if (parts.length > 3) return Result.fail(new InvalidVersion({ version, reason: "too many parts" }))
  const bad = parts.find((part) => !isInt64(part))
  return bad === undefined
    ? Result.succeed([Number(parts[0]), Number(parts[1] ?? 0), Number(parts[2] ?? 0)])
    : Result.fail(new InvalidVersion({ version, reason: `"${bad}" is not an integer` }))
}

const isInt64 = (part: string): boolean =>
  /^\d{1,15}$/.test(part) ||
  /^[+-]?\d{1,400}$/.test(part) && BigInt.asIntN(64, BigInt(unsigned(part))) === BigInt(unsigned(part))

// BigInt does not take a plus sign.
const unsigned = (part: string): string => part.replace(/^\+/, "")

/** Older versions come first. */
export const order: Order.Order<CniVersion> = Order.Tuple([Order.Number, Order.Number, Order.Number])

/** Whether `version` is `minimum` or newer. */
export const isAtLeast = (version: CniVersion, minimum: CniVersion): boolean =>
  Order.isGreaterThanOrEqualTo(order)(version, minimum)

/**
 * The version that a configuration is run with: of `cniVersions` (without those newer than we speak) and `cniVersion`
 * (unless newer), the highest. Where all are too new, `cniVersion` stays as it is written. Spec 1.1, section 1.
 */
export const select = (
  cniVersion: string,
  cniVersions: ReadonlyArray<string>
): Result.Result<string, InvalidVersion> => {
  const candidates = cniVersion === "" ? cniVersions : [...cniVersions, cniVersion]
  let best: { readonly text: string; readonly version: CniVersion } | undefined
  for (const text of candidates) {
    const version = parse(text)
    if (Result.isFailure(version)) return Result.fail(version.failure)
    const tooNew = Order.isGreaterThan(order)(version.success, newest)
    if (!tooNew && (best === undefined || Order.isGreaterThan(order)(version.success, best.version))) {
      best = { text, version: version.success }
    }
  }
  return Result.succeed(best?.text ?? cniVersion)
}

const newest: CniVersion = [1, 1, 0]

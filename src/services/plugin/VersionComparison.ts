/** Compares versions of the specification as they are written in configurations. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { CniVersion } from "../../domain/config/CniVersion.ts"
import type { InvalidVersion } from "../../domain/errors/CniError.ts"

export class VersionComparison extends Context.Service<VersionComparison, {
  /** Fails with `InvalidVersion` for what is not one to three integers; the empty string is 0.1.0. */
  readonly parse: (version: string) => Effect.Effect<CniVersion, InvalidVersion>
  /** Whether `version` is `minimum` or newer. */
  readonly isAtLeast: (version: string, minimum: string) => Effect.Effect<boolean, InvalidVersion>
  /** The version to run a configuration with: the highest that is not newer than we speak. */
  readonly select: (
    cniVersion: string,
    cniVersions: ReadonlyArray<string>
  ) => Effect.Effect<string, InvalidVersion>
}>()("effect-cni/services/VersionComparison") {}

/** Compares versions by the rules of the specification. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as CniVersion from "../../domain/config/CniVersion.ts"
import { VersionComparison } from "../../services/plugin/VersionComparison.ts"

export const layer: Layer.Layer<VersionComparison> = Layer.succeed(
  VersionComparison,
  VersionComparison.of({
    parse: (version) => Effect.fromResult(CniVersion.parse(version)),
    isAtLeast: (version, minimum) =>
      CniVersion.parse(version).pipe(
        Result.flatMap((left) => Result.map(CniVersion.parse(minimum), (right) => CniVersion.isAtLeast(left, right))),
        Effect.fromResult
      ),
    select: (cniVersion, cniVersions) => Effect.fromResult(CniVersion.select(cniVersion, cniVersions))
  })
)

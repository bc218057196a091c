/** Compares versions by the rules of the specification. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as CniVersion from "../domain/CniVersion.ts"
import { VersionComparison } from "../services/VersionComparison.ts"

export const layer: Layer.Layer<VersionComparison> = Layer.succeed(
  VersionComparison,
  VersionComparison.of({
    parse: (version) => Effect.fromResult(CniVersion.parse(version)),
    isAtLeast: Effect.fnUntraced(function*(version, minimum) {
      const left = yield* Effect.fromResult(CniVersion.parse(version))
      const right = yield* Effect.fromResult(CniVersion.parse(minimum))
      return CniVersion.isAtLeast(left, right)
    }),
    select: (cniVersion, cniVersions) => Effect.fromResult(CniVersion.select(cniVersion, cniVersions))
  })
)

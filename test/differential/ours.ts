/** Our command as users get it: the bundle. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import { bundleCli } from "../../scripts/bundle-cli.ts"
import { temporaryDirectory } from "../support/directory.ts"
import type { Tool } from "./host.ts"
import { oursBy } from "./tools.ts"

export class Ours extends Context.Service<Ours, Tool>()("test/differential/Ours") {
  static readonly layer: Layer.Layer<Ours> = Layer.effect(
    Ours,
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      yield* Effect.promise(() => bundleCli(directory))
      return oursBy([process.execPath, Path.join(directory, "effect-cni.cjs")])
    })
  )
}

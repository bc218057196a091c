/** Namespaces by `ip netns` that dead processes have left: which are removed, and by whom. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as IpScratchNamespaces from "../../src/layers/namespace/IpScratchNamespaces.ts"
import { newName } from "../../src/layers/namespace/IpScratchNamespaces.ts"
import { ScratchNamespaces } from "../../src/services/network/ScratchNamespaces.ts"
import { temporaryDirectory } from "../support/directory.ts"
import { missingForRealPlugins, succeeds } from "./support.ts"

/** A namespace of a cache whose maker has died. */
const left = (cacheDir: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const name = newName(cacheDir).replace(/^(effect-cni-exec-\d+)-\d+-/, "$1-1-")
      assert.isTrue(succeeds("ip", "netns", "add", name))
      return name
    }),
    (name) => Effect.sync(() => isThere(name) && succeeds("ip", "netns", "delete", name))
  )

const isThere = (name: string): boolean => Fs.existsSync(`/run/netns/${name}`)

const sweep = (cacheDir: string) =>
  Effect.provide(ScratchNamespaces.use(({ sweep }) => sweep(new Set())), IpScratchNamespaces.layer(cacheDir))

describe.skipIf(missingForRealPlugins.length > 0)("left-over namespaces", () => {
  it.live("are removed for the cache that they were made for", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const [own, other] = [yield* left(`${directory}/own`), yield* left(`${directory}/other`)]
      assert.deepStrictEqual(yield* sweep(`${directory}/own`), { removed: [own], failing: [] })
      assert.deepStrictEqual([own, other].map(isThere), [false, true])
    }))

  it.live("are removed by several at once", () =>
    Effect.gen(function*() {
      const cacheDir = yield* temporaryDirectory
      const names = [yield* left(cacheDir), yield* left(cacheDir)].toSorted()
      const sweeps = yield* Effect.all([sweep(cacheDir), sweep(cacheDir), sweep(cacheDir)], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(sweeps.flatMap(({ failing }) => failing), [])
      assert.deepStrictEqual(names.map(isThere), [false, false])
    }))
})

/** Whoever reads records while others write them sees an old one or a new one, never a piece of one. */
import { assert, it } from "@effect/vitest"
import { CacheEntry } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { times } from "../support/extent.ts"
import { resultsBeingWritten } from "../support/writing.ts"

const reads = times({ part: 5_000, whole: 100_000 })

const read = (file: string): Uint8Array | undefined => {
  try {
    return Fs.readFileSync(file)
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

it.live(
  `no record is torn in ${reads} reads while another process writes, replaces and removes them`,
  () =>
    Effect.map(resultsBeingWritten, (results) => {
      const contents = new Set<string>()
      for (let count = 0; count < reads; count++) {
        const bytes = read(Path.join(results, `net-c${count % 20}-eth0`))
        if (bytes === undefined) continue
        assert.isTrue(Result.isSuccess(CacheEntry.decode(bytes)), `read ${count}: ${bytes.byteLength} bytes`)
        contents.add(`${count % 20} ${bytes.byteLength}`)
      }
      assert.isAbove(contents.size, 100, "nobody wrote meanwhile")
    }),
  120_000
)

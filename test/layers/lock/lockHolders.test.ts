/** What is looked at to find the holders of lock files, beside what the locks themselves show. */
import { assert, describe, it, vi } from "@effect/vitest"
import { AttachmentLock } from "effect-cni"
import { NodeAttachmentLock } from "effect-cni/node"
import * as Effect from "effect/Effect"
import NodeFs from "node:fs"
import { temporaryDirectory } from "../../support/directory.ts"
import { spied } from "../../support/spied.ts"

describe.skipIf(process.platform !== "linux")("lockHolders", () => {
  it.live("lists the locks of the kernel once for a directory, not in every operation, and again after a cleaner was there", () =>
    Effect.gen(function*() {
      const cacheDir = yield* temporaryDirectory
      const read = yield* spied(() => vi.spyOn(NodeFs, "readFileSync"))
      const lists = () => read.mock.calls.filter(([file]) => file === "/proc/locks").length
      const use = AttachmentLock.use((locks) => Effect.scoped(locks.container("c1")))
      yield* Effect.gen(function*() {
        yield* use
        const first = lists()
        assert.isAbove(first, 0)
        yield* use
        yield* use
        assert.strictEqual(lists(), first)
        NodeFs.rmSync(`${cacheDir}/effect-cni/locks`, { recursive: true })
        yield* use
        assert.isAbove(lists(), first)
      }).pipe(Effect.provide(NodeAttachmentLock.layer(cacheDir)))
    }))
})

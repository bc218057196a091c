import { assert, describe, it } from "@effect/vitest"
import { AttachmentLock, HeldLocks } from "effect-cni"
import { NodeAttachmentLock } from "effect-cni/node"
import { MemoryAttachmentLock } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as TestClock from "effect/testing/TestClock"
import { temporaryDirectory } from "../support/directory.ts"
import { contract } from "./AttachmentLock.contract.ts"

contract("memory", {
  clock: { run: it.effect, pass: TestClock.adjust },
  locks: Effect.succeed(MemoryAttachmentLock.layer)
})

contract("Node", {
  clock: { run: it.live, pass: () => Effect.void },
  locks: Effect.map(temporaryDirectory, NodeAttachmentLock.layer)
})

describe("MemoryAttachmentLock", () => {
  const within = (held: ReadonlyArray<"network" | "container">) =>
    AttachmentLock.use((lock) =>
      Effect.all([
        Effect.exit(lock.network("net", "shared")),
        Effect.exit(lock.container("c1"))
      ])
    ).pipe(
      Effect.map((exits) => exits.map(Exit.hasDies)),
      Effect.provideService(HeldLocks, held),
      Effect.provide(MemoryAttachmentLock.layer)
    )

  it.effect("dies when somebody who holds a container asks for more", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* within([]), [false, false])
      assert.deepStrictEqual(yield* within(["network"]), [false, false])
      assert.deepStrictEqual(yield* within(["container"]), [true, true])
      assert.deepStrictEqual(yield* within(["network", "container"]), [true, true])
    }))
})

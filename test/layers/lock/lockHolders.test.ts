/** What is looked at to find the holders of lock files, beside what the locks themselves show. */
import { assert, describe, it, vi } from "@effect/vitest"
import { AttachmentLock } from "effect-cni"
import { NodeAttachmentLock } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import NodeFs from "node:fs"
import { heldRemovedIn } from "../../../src/layers/lock/lockHolders.ts"
import { temporaryDirectory, until } from "../../support/directory.ts"
import { spied } from "../../support/spied.ts"

/** A process that has a database of its own locked. */
const databaseServer = (directory: string) =>
  Effect.gen(function*() {
    const program = `const { DatabaseSync } = require("node:sqlite")
      const database = new DatabaseSync(process.argv[1])
      database.exec("BEGIN EXCLUSIVE")
      console.log("locked")
      setInterval(() => database, 1000)`
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => ChildProcess.spawn(process.execPath, ["-e", program, `${directory}/state.db`])),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    let said = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => said += chunk)
    yield* until(() => said.includes("locked") || child.exitCode !== null)
    assert.include(said, "locked")
    return child.pid
  })

describe.skipIf(process.platform !== "linux")("heldRemovedIn", () => {
  it.live("looks through what a process has open once for each of its locks, not in every operation", () =>
    Effect.gen(function*() {
      const server = yield* databaseServer(yield* temporaryDirectory)
      const locks = yield* temporaryDirectory
      const listed = yield* spied(() => vi.spyOn(NodeFs, "readdirSync"))
      for (let at = 0; at < 3; at++) assert.deepStrictEqual(heldRemovedIn(locks, new Set()), [])
      assert.lengthOf(listed.mock.calls.filter(([directory]) => directory === `/proc/${server}/fd`), 1)
    }))

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

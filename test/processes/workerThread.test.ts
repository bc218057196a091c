/** A runtime in a worker thread, which is sent no signals and has an environment of its own. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { temporaryDirectory, writePlugin } from "../support/directory.ts"

it.live("attaches and detaches in a worker thread", () =>
  Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    writePlugin(directory, "a", `[ "$CNI_COMMAND" = ADD ] && echo '{}'; echo "$CNI_COMMAND $OF_THE_WORKER" >&2`)
    const inWorker =
      `new (require("node:worker_threads").Worker)(process.argv[1], { argv: process.argv.slice(2), env: { OF_THE_WORKER: "yes" } })`
    const attach = Path.join(import.meta.dirname, "attachAndDetach.ts")
    const { status, stderr, stdout } = ChildProcess.spawnSync(
      process.execPath,
      ["--conditions=effect-cni-source", "-e", inWorker, attach, directory],
      { encoding: "utf8" }
    )
    assert.deepStrictEqual([status, stderr, stdout], [0, "ADD yes\nDEL yes\n", "detached\n"])
  }))

/** A cache directory in which another process writes. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryDirectory, until } from "./directory.ts"

/** The directory of its records, once there are some; the writer ends with the scope. */
export const resultsBeingWritten: Effect.Effect<string, never, Scope.Scope> = Effect.gen(function*() {
  const cacheDir = yield* temporaryDirectory
  const results = Path.join(cacheDir, "results")
  const writer = Path.join(import.meta.dirname, "recordWriter.ts")
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      ChildProcess.spawn(process.execPath, ["--conditions=effect-cni-source", writer, cacheDir], {
        stdio: ["pipe", "inherit", "inherit"]
      })
    ),
    (child) =>
      Effect.andThen(
        Effect.sync(() => child.stdin.end()),
        until(() => child.exitCode !== null || child.signalCode !== null)
      )
  )
  yield* until(() => Fs.existsSync(results) && Fs.readdirSync(results).length > 10)
  return results
})

/** A directory of a test's own, and plugins in it that are real executables. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

/** A new directory, removed with the scope. */
export const temporaryDirectory: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-cni-"))),
  (directory) => Effect.sync(() => Fs.rmSync(directory, { recursive: true, force: true }))
)

/** Writes a file with its directories; gives its path. */
export const writeFile = (directory: string, name: string, text: string | Uint8Array, mode = 0o644): string => {
  const file = Path.join(directory, name)
  Fs.mkdirSync(Path.dirname(file), { recursive: true })
  Fs.writeFileSync(file, text)
  Fs.chmodSync(file, mode)
  return file
}

/** Writes a plugin as a shell script; gives its path. */
export const writePlugin = (directory: string, name: string, body: string): string =>
  writeFile(directory, name, `#!/bin/sh\n${body}\n`, 0o755)

/** Whether a process is there and not merely waiting to be reaped. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(Fs.readFileSync(`/proc/${pid}/status`, "utf8"))
  } catch {
    return false
  }
}

/** Waits until something is so; the test's own time limit ends a wait for what never is. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setInterval(() => {
      if (condition()) {
        clearInterval(timer)
        resume(Effect.void)
      }
    }, 5)
    return Effect.sync(() => clearInterval(timer))
  })

/** The text of a file once it has some. */
export const contentOf = (file: string): Effect.Effect<string> =>
  until(() => Fs.existsSync(file) && Fs.statSync(file).size > 0).pipe(
    Effect.andThen(Effect.sync(() => Fs.readFileSync(file, "utf8").trim()))
  )

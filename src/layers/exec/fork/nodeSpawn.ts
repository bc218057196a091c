/** Starts processes by `node:child_process`, which forks this process. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import { assertRunnable } from "../run/executableFormat.ts"
import { type ChildHandle, ignoreErrors, refusalOf, type Spawn } from "../run/spawn.ts"

/**
 * Each start copies the page tables of this process, and holds up its event loop for as long as that takes. Node starts
 * programs with execvp, which hands a file that the kernel refuses as "no program" to /bin/sh, so that an empty,
 * half-installed plugin would succeed: such a file is noticed before.
 */
export const spawn: Spawn = ({ path, stdin, variables }) =>
  Effect.callback((resume) => {
    try {
      assertRunnable(path)
      const child = ChildProcess.spawn(path, [], {
        env: { ...process.env, ...variables },
        stdio: ["pipe", "pipe", "pipe"],
        detached: true,
        windowsHide: true
      })
      if (child.pid === undefined) child.on("error", (error) => resume(Effect.fail(refusalOf(error))))
      else resume(Effect.succeed(handleOf(child, child.pid, stdin)))
    } catch (error) {
      resume(Effect.fail(refusalOf(error)))
    }
  })

const handleOf = (child: ChildProcess.ChildProcessWithoutNullStreams, pid: number, stdin: string): ChildHandle => {
  child.on("error", () => {}) // a signal that could not be sent: the process is gone
  const streams = [child.stdin, child.stdout, child.stderr]
  for (const stream of streams) ignoreErrors(stream)
  child.stdin.end(stdin)
  return {
    pid,
    listen: ({ closed, draining, exited, stderr, stdout }) => {
      child.stdout.on("data", stdout)
      child.stderr.on("data", stderr)
      child.on("exit", exited).on("exit", draining)
      child.on("close", closed)
    },
    release: () => {
      for (const stream of streams) stream.destroy()
      child.unref()
    }
  }
}

/** Starts processes by `node:child_process`, which forks this process. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import { assertRunnable } from "../run/executableFormat.ts"
import { ignoreErrors, type Launch, type Launchable, type Launched, refusalOf } from "../run/launch.ts"

/**
 * Each start copies the page tables of this process, and holds up its event loop for as long as that takes. Node starts
 * programs with execvp, which hands a file that the kernel refuses as "no program" to /bin/sh, so that an empty,
 * half-installed plugin would succeed: such a file is noticed before.
 */
export const launch: Launch = (program) =>
  Effect.callback((resume) => {
    try {
      assertRunnable(program.path)
      const child = spawn(program)
      if (child.pid === undefined) child.on("error", (error) => resume(Effect.fail(refusalOf(error))))
      else resume(Effect.succeed(launched(child, child.pid, program.stdin)))
    } catch (error) {
      resume(Effect.fail(refusalOf(error)))
    }
  })

const spawn = ({ path, variables }: Launchable) =>
  ChildProcess.spawn(path, [], {
    env: { ...process.env, ...variables },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    windowsHide: true
  })

const launched = (child: ReturnType<typeof spawn>, pid: number, stdin: string): Launched => {
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

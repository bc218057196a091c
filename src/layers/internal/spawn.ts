/** Starts processes by `node:child_process`. */
import * as ChildProcess from "node:child_process"
import { assertRunnable } from "./executableFormat.ts"
import { ignoreErrors, type Launch } from "./launch.ts"

/**
 * Forks: it costs the more the larger this process is. Node starts programs with execvp, which hands a file that the kernel
 * refuses as "no program" to /bin/sh, so that an empty, half-installed plugin would succeed: such a file is noticed before.
 */
export const launch: Launch = ({ path, stdin, variables }, failed) => {
  assertRunnable(path)
  const child = ChildProcess.spawn(path, [], {
    env: { ...process.env, ...variables },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    windowsHide: true
  })
  const { pid } = child
  if (pid === undefined) {
    child.on("error", failed)
    return undefined
  }
  child.on("error", () => {}) // a signal that could not be sent: the process is gone
  const streams = [child.stdin, child.stdout, child.stderr]
  for (const stream of streams) ignoreErrors(stream)
  child.stdin.end(stdin)
  return {
    pid,
    listen: ({ closed, exited, stderr, stdout }) => {
      child.stdout.on("data", stdout)
      child.stderr.on("data", stderr)
      child.on("exit", exited)
      child.on("close", closed)
    },
    release: () => {
      for (const stream of streams) stream.destroy()
      child.unref()
    }
  }
}

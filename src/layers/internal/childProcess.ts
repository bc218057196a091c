/** A process that Node starts: by a fork, which costs the more the larger this one is. Loads nothing of Effect. */
import * as ChildProcess from "node:child_process"
import { assertRunnable } from "./executableFormat.ts"
import { ignoreErrors, type Launched, type Refusal, refusalOf } from "./launch.ts"

/** What to start, with all that it inherits; its directory is ours where none is named. */
export interface Startable {
  readonly path: string
  readonly environment: NodeJS.ProcessEnv
  readonly cwd: string | undefined
  readonly stdin: string
}

/** Who is told, mostly at once, whether it was started. */
export interface StartListener {
  readonly started: (launched: Launched) => void
  readonly refused: (refusal: Refusal) => void
}

/**
 * Starts it. Node starts programs with execvp, which hands a file that the kernel refuses as "no program" to /bin/sh, so
 * that an empty, half-installed plugin would succeed: such a file is noticed before.
 */
export const start = (program: Startable, { refused, started }: StartListener): void => {
  try {
    assertRunnable(program.path)
    const child = spawn(program)
    if (child.pid === undefined) child.on("error", (error) => refused(refusalOf(error)))
    else started(launched(child, child.pid, program.stdin))
  } catch (error) {
    refused(refusalOf(error))
  }
}

const spawn = ({ cwd, environment, path }: Startable) =>
  ChildProcess.spawn(path, [], {
    cwd,
    env: environment,
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

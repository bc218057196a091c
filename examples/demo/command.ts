/** Commands of the host, such as `ip`. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"

/** A command said no. The status is null for one that a signal ended, undefined for one that is not there. */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly command: string
  readonly status: number | null | undefined
  readonly complaint: string
}> {
  override get message(): string {
    return `${this.command}: ${this.complaint || `status ${this.status}`}`
  }
}

/** Runs a command to its end, whoever interrupts; gives what it wrote. */
export const run = (command: string, ...args: ReadonlyArray<string>): Effect.Effect<string, CommandFailed> =>
  runOnce(command, args).pipe(
    // Ctrl-C may hit a command that is not yet in its own process group: then it has not even begun.
    Effect.retry({ while: ({ status }) => status === null, times: 100 }),
    Effect.uninterruptible
  )

const runOnce = (command: string, args: ReadonlyArray<string>): Effect.Effect<string, CommandFailed> =>
  Effect.callback((resume) => {
    // In a process group of its own, since the terminal sends Ctrl-C to all of ours: half an `ip netns add` would leak.
    const child = spawn(command, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], env: environment() })
    const written = { stdout: "", stderr: "" }
    const fail = (status: number | null | undefined, complaint: string) =>
      resume(Effect.fail(new CommandFailed({ command: [command, ...args].join(" "), status, complaint })))
    child.stdout.on("data", (chunk: Buffer) => written.stdout += chunk.toString())
    child.stderr.on("data", (chunk: Buffer) => written.stderr += chunk.toString())
    child.on("error", ({ message }) => fail(undefined, message))
    child.on(
      "close",
      (status) => status === 0 ? resume(Effect.succeed(written.stdout.trim())) : fail(status, written.stderr.trim())
    )
  })

/** Whether there is such a command. */
export const exists = (command: string): Effect.Effect<boolean> =>
  run(command, "-V").pipe(
    Effect.as(true),
    Effect.catch(({ status }) => Effect.succeed(status !== undefined))
  )

// After `su`, root's PATH may lack the directories that have `ip`.
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin`
})

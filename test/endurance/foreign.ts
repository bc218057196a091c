/** Children of the application itself, beside those of the library. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import { isAlive } from "../support/directory.ts"
import { type Plan, type Seen, tooLongMs } from "./plan.ts"

/** Runs one by `node:child_process`. */
export const runForeign = (plan: Plan): Effect.Effect<Seen> =>
  plan.by === "node, blocking" ? Effect.sync(() => spawnBlocking(plan)) : Effect.timeoutOrElse(
    Effect.callback<Seen>((resume) => spawn(plan, (seen) => resume(Effect.succeed(seen)))),
    { duration: tooLongMs, orElse: () => Effect.succeed(neverTold) }
  )

const neverTold: Seen = {
  end: "never told",
  stdout: new Uint8Array(),
  stderr: "",
  durationMs: tooLongMs,
  starts: 1,
  isAlive: false
}

const spawn = ({ path, steps }: Plan, ended: (seen: Seen) => void) => {
  const startedAt = performance.now()
  const child = ChildProcess.spawn(path, {
    env: { ...process.env, CNI_ARGS: steps },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)]
  child.on("error", (error) => console.log(error))
  child.on("close", (status, signal) => {
    ended({
      end: endOf(status, signal),
      stdout: Buffer.concat(stdout),
      stderr: Buffer.concat(stderr).toString("latin1"),
      durationMs: performance.now() - startedAt,
      starts: 1,
      isAlive: child.pid !== undefined && isAlive(child.pid)
    })
  })
}

const gather = (stream: NodeJS.ReadableStream): ReadonlyArray<Buffer> => {
  const chunks: Array<Buffer> = []
  stream.on("data", (chunk: Buffer) => chunks.push(chunk))
  return chunks
}

const spawnBlocking = ({ path, steps }: Plan): Seen => {
  const startedAt = performance.now()
  const { pid, signal, status, stderr, stdout } = ChildProcess.spawnSync(path, {
    env: { ...process.env, CNI_ARGS: steps }
  })
  return {
    end: endOf(status, signal),
    stdout,
    stderr: stderr.toString("latin1"),
    durationMs: performance.now() - startedAt,
    starts: 1,
    isAlive: isAlive(pid)
  }
}

const endOf = (status: number | null, signal: string | null): string =>
  signal === null ? `exited ${status}` : `signalled ${signal}`

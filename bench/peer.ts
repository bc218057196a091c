/** A driver process: it is asked one thing at a time. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { Answer, type Request, type Setup } from "./protocol.ts"

/** A driver ended instead of answering; in its own last words. */
export class PeerFailed extends Schema.TaggedError<PeerFailed>()("PeerFailed", {
  command: Schema.String,
  stderr: Schema.String
}) {
  override get message(): string {
    return `${this.command} failed: ${this.stderr}`
  }
}

export interface Peer {
  readonly ask: (request: Request) => Effect.Effect<Answer, PeerFailed>
}

/** A driver of one kind; it ends with the scope. */
export const startPeer = (
  command: ReadonlyArray<string>,
  setup: Setup
): Effect.Effect<Peer, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(Effect.sync(() => start(command, setup)), stop),
    (running) => ({ ask: (request) => ask(running, request) })
  )

interface Running {
  readonly command: string
  readonly child: ChildProcess.ChildProcessByStdio<Writable, Readable, Readable>
  readonly ended: Promise<unknown>
  readonly complaint: () => string
  hear: (line: string | undefined) => void
}

const start = ([program = "", ...args]: ReadonlyArray<string>, setup: Setup): Running => {
  // In a group of its own, so that a Ctrl-C is only ours.
  const child = ChildProcess.spawn(program, [...args, JSON.stringify(setup)], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true
  })
  let complaint = ""
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000)
  })
  child.stdin.on("error", () => {}) // it has ended before it was asked
  const ended = new Promise((resolve) => child.on("close", resolve))
  const running: Running = { command: program, child, ended, complaint: () => complaint, hear: () => {} }
  child.on("error", (error) => {
    complaint = error.message
    running.hear(undefined)
  })
  createInterface({ input: child.stdout }).on("line", (line) => running.hear(line))
  child.on("close", () => running.hear(undefined))
  return running
}

const ask = (running: Running, request: Request): Effect.Effect<Answer, PeerFailed> =>
  Effect.callback<string, PeerFailed>((resume) => {
    const { child, command, complaint } = running
    const fail = () => resume(Effect.fail(new PeerFailed({ command, stderr: complaint() })))
    if (child.exitCode !== null) return fail()
    running.hear = (line) => line === undefined ? fail() : resume(Effect.succeed(line))
    child.stdin.write(`${JSON.stringify(request)}\n`)
  }).pipe(Effect.map(readAnswer))

const readAnswer = Schema.decodeUnknownSync(Schema.fromJsonString(Answer))

// At the end of its input it goes; what it is in the middle of may take longer than we want to wait.
const stop = ({ child, ended }: Running) =>
  Effect.promise(() => {
    child.stdin.end()
    const killing = setTimeout(() => child.kill("SIGKILL"), 2000)
    return ended.finally(() => clearTimeout(killing))
  })

/**
 * The program of a fork server: a process that starts plugins for a runtime, and is so small that to fork it costs little.
 * It is told on stdin what to start, tells on stdout what becomes of it, and ends when its runtime does.
 */
import * as Fs from "node:fs"
import { start } from "./childProcess.ts"
import * as Frames from "./forkServerFrames.ts"
import type { Launched } from "./launch.ts"

const runtime = process.ppid

const runs = new Map<number, Launched>()

let environment: Readonly<Record<string, string>> = {}

let untold: Array<Buffer> = []
let telling: NodeJS.Timeout | undefined

// What a plugin writes waits for its end, which mostly is near: each time that the runtime is told something costs it.
const note = (kind: Frames.Kind, run: number, body?: Uint8Array | string) => {
  untold.push(Frames.encode(kind, run, body))
  telling ??= setTimeout(tellAll, shortMs)
}

const tell = (kind: Frames.Kind, run: number, body?: Uint8Array | string) => {
  untold.push(Frames.encode(kind, run, body))
  tellAll()
}

// Where the runtime does not keep up with its plugins, they have to wait.
const tellAll = () => {
  clearTimeout(telling)
  telling = undefined
  const [first, ...others] = untold
  untold = []
  if (first === undefined) return
  const bytes = others.length === 0 ? first : Buffer.concat([first, ...others])
  try {
    for (let told = 0; told < bytes.byteLength;) told += Fs.writeSync(stdout, bytes, told)
  } catch {
    // Mostly EPIPE, since the runtime is gone; nobody can be told of anything else.
    process.exit()
  }
}

const shortMs = 20
const stdout = 1

const startRun = (run: number, body: Buffer) => {
  // What it asked for before it was killed must not begin when others have looked for what it left.
  if (process.ppid !== runtime) process.exit()
  // Only the stdin, which comes last, may have a NUL in it.
  const [path = "", cwd, count, ...texts] = body.toString().split("\0")
  const variables = variablesOf(texts.slice(0, Number(count)))
  const stdin = texts.slice(Number(count)).join("\0")
  start({ path, cwd, stdin, environment: { ...environment, ...variables } }, {
    refused: ({ code, detail }) => tell("refused", run, Frames.join([code, detail])),
    started: (launched) => {
      runs.set(run, launched)
      tell("started", run, String(launched.pid))
      follow(run, launched)
    }
  })
}

const follow = (run: number, launched: Launched) => {
  let isClosed = false
  let outputs = 0
  const output = (kind: "stdout" | "stderr") => (chunk: Buffer) => {
    outputs++
    if (chunk.byteLength < largeBytes) note(kind, run, chunk)
    else tell(kind, run, chunk)
  }
  // Told after all that was there when it ended: the runtime cannot see what we have not read yet.
  const drain = (until: number) => {
    const before = outputs
    afterNextPoll(() => {
      if (isClosed) return
      if (outputs === before || performance.now() > until) tell("draining", run)
      else drain(until)
    })
  }
  launched.listen({
    stdout: output("stdout"),
    stderr: output("stderr"),
    exited: (status, signal) => note("exited", run, signal ?? String(status ?? "")),
    draining: () => drain(performance.now() + longestDrainMs),
    closed: () => {
      isClosed = true
      runs.delete(run)
      tell("closed", run)
    }
  })
}

const largeBytes = 16 * 1024

// Somebody who inherited the output may write for ever.
const longestDrainMs = 100

// The first may come before anything else was looked at.
const afterNextPoll = (action: () => void) => setImmediate(() => setImmediate(action))

const variablesOf = (texts: ReadonlyArray<string>): Readonly<Record<string, string>> =>
  Object.fromEntries(texts.map((text) => {
    const at = text.indexOf("=")
    return [text.slice(0, at), text.slice(at + 1)]
  }))

const received = ({ body, kind, run }: Frames.Frame) => {
  if (kind === "environment") environment = body.byteLength === 0 ? {} : variablesOf(body.toString().split("\0"))
  if (kind === "start") startRun(run, body)
  if (kind === "release") {
    runs.get(run)?.release()
    runs.delete(run)
  }
}

process.title = "effect-cni: fork server"
// Who asks a whole group of processes to end does not mean this one: its runtime may still have to clean up.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) process.on(signal, () => {})
process.stdin.on("data", Frames.reader(received)).on("close", () => process.exit())
tell("ready", 0)

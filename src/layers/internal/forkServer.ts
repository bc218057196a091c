/** A small process of ours that starts plugins in our stead: to fork that one costs the same however large this one is. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as Frames from "./forkServerFrames.ts"
import type { Launch, Launchable, Launched, ProcessListener, Refusal } from "./launch.ts"
import { signalGroup } from "./processGroup.ts"
import * as Spawn from "./spawn.ts"

/** A process that starts others. */
export interface ForkServer {
  /** What cannot be asked of it, or not any more, is started by ourselves. */
  readonly launch: Launch
  /** Whether it takes orders: it has said so, is still there, and is who we are. */
  readonly isReady: () => boolean
  /** How many starts it has not answered. */
  readonly starting: () => number
  /** How many of those that it has started are not released. */
  readonly running: () => number
  /** It ends as soon as nothing runs any more that it has started. */
  readonly end: () => void
}

/** `ended` is told when it is gone, asked to or not; one that does not answer for `answerLimitMs` is killed. */
export interface Options {
  readonly ready: () => void
  readonly ended: (wasAsked: boolean) => void
  readonly answerLimitMs?: number
}

/** The file of its program; none where our own is not Node, or has been bundled without it. */
export const findProgram = (): string | undefined => {
  const { url }: { readonly url?: string } = import.meta
  if (url === undefined || process.platform === "win32" || !isNode(process.execPath)) return undefined
  // Next to this file, from source as well as built.
  const file = fileURLToPath(new URL(`./forkServerProgram${Path.extname(url)}`, url))
  return Fs.existsSync(file) ? file : undefined
}

const isNode = (program: string): boolean => /^node(js)?[\d.]*$/.test(Path.basename(program))

/** Starts one by its program. It is not ready at once. It does not keep the event loop alive but while it runs something. */
export const start = (program: string, { answerLimitMs = 10_000, ended, ready }: Options): ForkServer => {
  const child = ChildProcess.spawn(process.execPath, [...flags, program], {
    cwd: "/",
    env: ownVariables(),
    stdio: ["pipe", "pipe", "ignore"],
    detached: true
  })
  const identity = currentIdentity()
  const asked = new Map<number, (answer: Launched | Refusal) => void>()
  const runs = new Map<number, Run>()
  let environment: string | undefined
  let numbers = 0
  let state: "starting" | "ready" | "ending" | "gone" = "starting"
  let patience: NodeJS.Timeout | undefined

  const send = (kind: Frames.Kind, run: number, body?: string) => child.stdin.write(Frames.encode(kind, run, body))

  const sockets = [child.stdin, child.stdout].filter((stream) => stream instanceof Net.Socket)
  const keepAlive = (isNeeded: boolean) => {
    for (const one of [child, ...sockets]) {
      if (isNeeded) one.ref()
      else one.unref()
    }
  }
  const settled = () => {
    if (asked.size + runs.size > 0) return
    keepAlive(false)
    if (state === "ending") child.stdin.end()
  }

  // Late is only what is not there yet when we have looked: we may have been held up ourselves.
  const becomeImpatient = () => {
    const [oldest] = asked.keys()
    setImmediate(() => {
      if (oldest !== undefined && asked.has(oldest)) child.kill("SIGKILL")
    })
  }
  const answer = (number: number, given: Launched | Refusal) => {
    const answered = asked.get(number)
    asked.delete(number)
    if (asked.size > 0) patience?.refresh()
    else {
      clearTimeout(patience)
      patience = undefined
    }
    answered?.(given)
    settled()
  }

  const started = (number: number, pid: number): Launched => {
    const run = runOf(pid)
    runs.set(number, run)
    return {
      pid,
      listen: run.listen,
      release: () => {
        if (!runs.delete(number)) return
        if (!run.isClosed() && state !== "gone") send("release", number)
        settled()
      }
    }
  }

  const received = ({ body, kind, run: number }: Frames.Frame) => {
    switch (kind) {
      case "ready":
        if (state !== "starting") return
        state = "ready"
        return ready()
      case "started":
        return answer(number, started(number, Number(body.toString())))
      case "refused": {
        const [code = "", detail = ""] = Frames.split(body, 2)
        return answer(number, { code, detail })
      }
      default:
        return runs.get(number)?.hear(kind, body)
    }
  }

  const lose = () => {
    if (state === "gone") return
    const wasAsked = state === "ending"
    state = "gone"
    for (const number of asked.keys()) answer(number, { code: "", detail: "the process that starts plugins has ended" })
    // Nobody would learn of their ends any more.
    for (const run of runs.values()) run.lose()
    ended(wasAsked)
  }

  child.on("error", lose).on("close", lose)
  child.stdin.on("error", () => {})
  child.stdout.on("data", Frames.reader(received))
  keepAlive(false)

  const ask = (plugin: Launchable, cwd: string) =>
    Effect.callback<Launched, Refusal>((resume) => {
      const number = numbers = (numbers + 1) % 2 ** 32
      asked.set(number, (given) => resume("pid" in given ? Effect.succeed(given) : Effect.fail(given)))
      keepAlive(true)
      patience ??= setTimeout(becomeImpatient, answerLimitMs)
      const current = environmentText()
      if (current !== environment) send("environment", 0, current)
      environment = current
      const variables = textsOf(plugin.variables)
      send("start", number, Frames.join([plugin.path, cwd, String(variables.length), ...variables, plugin.stdin]))
    })

  return {
    launch: (plugin) =>
      Effect.suspend(() => {
        const cwd = currentDirectory()
        return state !== "ready" || cwd === undefined || isCut(plugin) ? Spawn.launch(plugin) : ask(plugin, cwd)
      }),
    isReady: () => state === "ready" && identity === currentIdentity(),
    starting: () => asked.size,
    running: () => runs.size,
    end: () => {
      if (state === "gone") return
      state = "ending"
      settled()
    }
  }
}

// It makes little garbage, and threads for collecting and compiling cost it more than they spare.
const flags = ["--no-warnings", "--single-threaded", "--max-semi-space-size=1"]

interface Run {
  readonly listen: (listener: ProcessListener) => void
  readonly hear: (kind: Frames.Kind, body: Buffer) => void
  readonly isClosed: () => boolean
  readonly lose: () => void
}

// What is told of a process before anybody listens waits for them.
const runOf = (pid: number): Run => {
  const early: Array<readonly [kind: Frames.Kind, body: Buffer]> = []
  let listener: ProcessListener | undefined
  let isClosed = false
  const hear = (kind: Frames.Kind, body: Buffer) => {
    if (kind === "closed") isClosed = true
    if (listener === undefined) early.push([kind, body])
    else tell(listener, kind, body)
  }
  return {
    listen: (given) =>
      queueMicrotask(() => {
        listener = given
        for (const [kind, body] of early) tell(given, kind, body)
      }),
    hear,
    isClosed: () => isClosed,
    lose: () => {
      if (isClosed) return
      signalGroup(pid, "SIGKILL")
      hear("exited", Buffer.from("SIGKILL"))
      hear("closed", Buffer.of())
    }
  }
}

const tell = (listener: ProcessListener, kind: Frames.Kind, body: Buffer): void => {
  if (kind === "stdout") listener.stdout(body)
  if (kind === "stderr") listener.stderr(body)
  if (kind === "exited") listener.exited(...endOf(body.toString()))
  if (kind === "draining") listener.draining()
  if (kind === "closed") listener.closed()
}

const endOf = (text: string): [status: number | null, signal: string | null] => {
  if (text === "") return [null, null]
  return /^\d+$/.test(text) ? [Number(text), null] : [null, text]
}

// Node itself refuses these, before it starts anything.
const isCut = ({ path, variables }: Launchable): boolean =>
  [path, ...Object.keys(variables), ...Object.values(variables)].some((text) => text.includes("\0"))

// None where it was removed.
const currentDirectory = (): string | undefined => {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

// A server from before we gave up privileges has them still.
const currentIdentity = (): string => `${process.geteuid?.()}:${process.getegid?.()}`

// What is said to our Node (a debugger, a module to load) is not meant for this one, nor is it a plugin.
const ownVariables = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE|CNI)_/.test(name)))

const textsOf = (variables: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`)

// Every look into it is a call of the system's library: for each run, so that changes count at once.
const environmentText = (): string => {
  let text = ""
  for (const name of Object.keys(process.env)) text += `${text === "" ? "" : "\0"}${name}=${process.env[name] ?? ""}`
  return text
}

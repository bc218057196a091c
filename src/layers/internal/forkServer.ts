/** A small process of ours that starts plugins in our stead: to fork that one costs the same however large this one is. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as Frames from "./forkServerFrames.ts"
import * as Run from "./forkServerRun.ts"
import { isCut, type Launch, type Launchable, type Launched, type Refusal } from "./launch.ts"
import * as LostPlugins from "./lostPlugins.ts"
import { startTimeOf } from "./processIdentity.ts"
import * as Spawn from "./spawn.ts"
import * as Surroundings from "./surroundings.ts"

/** A process that starts others. */
export interface ForkServer {
  readonly pid: number
  /** What it is not to be asked, and what it refuses, is started by ourselves. One that is not who we are any more ends. */
  readonly launch: Launch
  /** Whether it takes orders: it has said so and is still there. */
  readonly isReady: () => boolean
  /** How many starts it has not answered. */
  readonly starting: () => number
  /** How many of those that it has started are not released. */
  readonly running: () => number
  /** It ends as soon as nothing runs any more that it has started. */
  readonly end: () => void
}

/**
 * `ended` is told when it is gone: as it was asked to, or because it was of no use. One that is not ready, or does not
 * answer and says nothing else, for `answerLimitMs` to twice that, is killed.
 */
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

/**
 * Starts one by its program; throws where the system does not. It is not ready at once, and does not keep the event loop
 * alive but while it runs something.
 */
export const start = (program: string, { answerLimitMs = 10_000, ended, ready }: Options): ForkServer => {
  const child = ChildProcess.spawn(process.execPath, [...flags, program], {
    cwd: "/",
    env: Surroundings.variablesOfNode(),
    stdio: ["pipe", "pipe", "ignore"],
    detached: true
  })
  const { pid } = child
  if (pid === undefined) {
    // It has no pipes either; what is the matter, whoever forks next will hear.
    child.on("error", () => {})
    throw new Error(`${process.execPath} does not start`)
  }
  const startTime = startTimeOf(pid)
  const identity = Surroundings.identity()
  const asked = new Map<number, Asked>()
  const runs = new Map<number, Run.Run>()
  let environment = Surroundings.noEnvironment
  let numbers = 0
  let state: "starting" | "ready" | "ending" | "gone" = "starting"
  let heard = 0
  let contradictions = 0
  let isByPath = process.platform !== "linux"

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

  // The time may have passed while we were held up ourselves, or both of us: only a second one in silence counts.
  const patience = setInterval(() => {
    const isLate = heard === heardBefore && (state === "starting" || asked.size > 0)
    if (isLate && wasLate) child.kill("SIGKILL")
    wasLate = isLate
    heardBefore = heard
  }, answerLimitMs).unref()
  let heardBefore = heard
  let wasLate = false

  const answer = (number: number, given: Launched | Refusal) => {
    const one = asked.get(number)
    asked.delete(number)
    one?.answered(given)
    settled()
  }

  const started = (number: number, pid: number): Launched => {
    const run = Run.make(pid)
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
    heard++
    switch (kind) {
      case "ready":
        if (state !== "starting") return
        state = "ready"
        return ready()
      case "started":
        contradictions = 0
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
    const wasAsked = state === "ending" && contradictions < mostContradictions
    state = "gone"
    clearInterval(patience)
    // Nobody would learn of their ends any more.
    for (const run of runs.values()) run.lose()
    if (asked.size > 0) setTimeout(loseAsked, forkToExecMs)
    ended(wasAsked)
  }
  const loseAsked = () => {
    const groups = LostPlugins.find([...asked.values()].map(({ plugin }) => plugin), startTime)
    LostPlugins.kill(groups, () => {
      for (const number of asked.keys()) {
        answer(number, { code: "", detail: "the process that starts plugins has ended", mayHaveRun: true })
      }
    })
  }

  child.on("error", () => {}) // a signal that could not be sent
  child.on("close", lose)
  child.stdin.on("error", () => {})
  const read = Frames.reader(received)
  child.stdout.on("data", (chunk: Buffer) => {
    try {
      read(chunk)
    } catch {
      // Somebody else speaks on its stdout.
      child.kill("SIGKILL")
    }
  })
  keepAlive(false)

  const ask = (plugin: Launchable, directory: string) =>
    Effect.callback<Launched, Refusal>((resume) => {
      const number = numbers = (numbers + 1) % 2 ** 32
      const answered = (given: Launched | Refusal) =>
        resume("pid" in given ? Effect.succeed(given) : Effect.fail(given))
      asked.set(number, { plugin, answered })
      keepAlive(true)
      if (!Surroundings.isCurrent(environment)) {
        environment = Surroundings.environment()
        send("environment", 0, Frames.join(Surroundings.textsOf(environment)))
      }
      const variables = Surroundings.variableTexts(plugin.variables)
      const texts = [plugin.path, directory, String(variables.length), ...variables, plugin.stdin]
      send("start", number, Frames.join(texts))
    })

  // It may not be able to go where we are, or to open as much as we may: then it is of no use.
  const contradicted = () => {
    isByPath = true
    contradictions++
    if (contradictions >= mostContradictions) end()
  }
  const startOurselves = (plugin: Launchable) =>
    Effect.map(Spawn.launch(plugin), (launched) => {
      contradicted()
      return launched
    })

  const end = () => {
    if (state === "gone") return
    state = "ending"
    settled()
  }
  return {
    pid,
    launch: (plugin) =>
      Effect.suspend(() => {
        // One from before we gave up privileges has them still.
        if (identity !== Surroundings.identity()) end()
        const directory = Surroundings.directory(isByPath)
        if (state !== "ready" || directory === undefined || isCut(plugin)) return Spawn.launch(plugin)
        return Effect.catchIf(ask(plugin, directory), ({ mayHaveRun }) =>
          mayHaveRun !== true, () =>
          startOurselves(plugin))
      }),
    isReady: () => state === "ready",
    starting: () => asked.size,
    running: () => runs.size,
    end
  }
}

interface Asked {
  readonly plugin: Launchable
  readonly answered: (given: Launched | Refusal) => void
}

// It makes little garbage, and threads for collecting and compiling cost it more than they spare.
const flags = ["--no-warnings", "--single-threaded", "--max-semi-space-size=1"]

const mostContradictions = 3

// A fork may not yet have become the plugin.
const forkToExecMs = 50

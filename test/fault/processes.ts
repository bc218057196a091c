/** The processes of a round, which are ready before they are needed: the driver, until its kill, and the recoveries. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { Key } from "./plan.ts"

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly output: string
}

interface Process {
  readonly isReady: Promise<void>
  readonly ended: Promise<Ended>
  readonly go: (plan: string) => void
  readonly kill: () => void
}

// In a group of its own, so that a Ctrl-C is only ours.
const start = (program: string, cache: string): Process => {
  const child = ChildProcess.spawn(
    process.execPath,
    ["--conditions=effect-cni-source", Path.join(import.meta.dirname, program)],
    { stdio: ["pipe", "pipe", "pipe"], detached: true, env: { ...process.env, NODE_COMPILE_CACHE: cache } }
  )
  let output = ""
  const ready = Promise.withResolvers<void>()
  const add = (chunk: Buffer) => {
    output += chunk.toString()
    if (output.includes("ready")) ready.resolve()
  }
  child.stdout.on("data", add)
  child.stderr.on("data", add)
  child.stdin.on("error", () => {}) // it has ended before it was told to go
  const { promise: ended, resolve } = Promise.withResolvers<Ended>()
  child.on("close", (code, signal) => {
    ready.resolve()
    resolve({ code, signal, output })
  })
  return {
    isReady: ready.promise,
    ended,
    go: (plan) => child.stdin.write(`${plan}\n`),
    kill: () => child.kill("SIGKILL")
  }
}

/** Where processes come from. */
export interface Crew {
  /** Runs a driver for a time, then kills it. */
  readonly drive: (plan: string, forMs: number) => Effect.Effect<Ended>
  /** Runs a recovery; where it fails, what it wrote instead. It can be killed, too. */
  readonly recover: (plan: string, forMs?: number) => Effect.Effect<Recovery | string>
}

/** A crew of which one of each kind is always ready; they end with the scope. */
export const crew = (cache: string): Effect.Effect<Crew, never, Scope.Scope> =>
  Effect.map(Effect.scope, (scope) => {
    const hire = (program: string) =>
      Effect.acquireRelease(Effect.sync(() => start(program, cache)), dismiss).pipe(
        Effect.provideService(Scope.Scope, scope)
      )
    const runner = (program: string) => {
      const spare: Array<Process> = []
      return Effect.fnUntraced(function*(plan: string, forMs: number) {
        const current = spare.pop() ?? (yield* hire(program))
        if (spare.length === 0) spare.push(yield* hire(program))
        yield* Effect.promise(() => current.isReady)
        current.go(plan)
        yield* Effect.timeoutOption(Effect.promise(() => current.ended), forMs)
        yield* dismiss(current)
        return yield* Effect.promise(() => current.ended)
      })
    }
    const recover = runner("recover.ts")
    return {
      drive: runner("driver.ts"),
      recover: (plan, forMs = Infinity) => Effect.map(recover(plan, forMs), recoveryOf)
    }
  })

const dismiss = ({ ended, kill }: Process) =>
  Effect.promise(() => {
    kill()
    return ended
  })

const recoveryOf = ({ code, output }: Ended): Recovery | string =>
  code === 0 ? Schema.decodeUnknownSync(RecoveryText)(output.trimEnd().split("\n").at(-1)) : output

const RecoveryText = Schema.fromJsonString(Schema.Struct({
  live: Schema.Array(Key),
  recovered: Schema.Array(Key),
  damaged: Schema.Array(Schema.String),
  failing: Schema.Array(Schema.String)
}))

/** What a recovery has said. */
export type Recovery = typeof RecoveryText.Type

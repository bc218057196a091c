/** Network namespaces that are only names, and commands that are functions: for tests. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type NamespaceFailed, ProgramUnusable } from "../../src/domain/errors/CommandError.ts"
import { type Ending, type ScratchNamespace, ScratchNamespaces } from "../../src/services/network/ScratchNamespaces.ts"

/**
 * `programs`: what there is to run. `left`: names whose makers have died. `failure`: why none can be made. `history`:
 * where what happens is written, in order: `make`, `remove`, `sweep`, and commands as they are called.
 */
export interface Options {
  readonly programs?: Readonly<Record<string, Effect.Effect<Ending>>>
  readonly left?: ReadonlyArray<string>
  readonly failure?: NamespaceFailed
  readonly history?: Array<string>
}

/** The first one is called scratch1. */
export const layer = ({ failure, history = [], left = [], programs = {} }: Options = {}): Layer.Layer<
  ScratchNamespaces
> =>
  Layer.sync(ScratchNamespaces, () => {
    let dead = left
    let made = 0
    const note = (line: string) => Effect.sync(() => void history.push(line))
    return ScratchNamespaces.of({
      make: Effect.acquireRelease(
        Effect.suspend(() => failure ?? Effect.as(note("make"), named(`scratch${++made}`))),
        () => note("remove")
      ),
      resolveBy: (_, resolvConf) => note(`resolve by ${resolvConf.trim()}`),
      find: (program) => Object.hasOwn(programs, program) ? Effect.void : notFound(program),
      run: (_, program, args) =>
        Effect.andThen(note([program, ...args].join(" ")), programs[program] ?? notFound(program)),
      sweep: (keep) =>
        Effect.suspend(() => {
          const removed = dead.filter((name) => !keep.has(named(name).path))
          dead = dead.filter((name) => !removed.includes(name))
          return Effect.as(note("sweep"), { removed, failing: [] })
        })
    })
  })

const named = (name: string): ScratchNamespace => ({ name, path: `/run/netns/${name}` })

const notFound = (program: string) =>
  new ProgramUnusable({ program, reason: "NotFound", detail: "there is no such program in PATH" })

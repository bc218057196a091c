/** The calls that scripts make, as they make them to cnitool: read here, since to load effect/cli takes longer. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CommandHost } from "../../services/command/CommandHost.ts"
import type { CommandOutput } from "../../services/command/CommandOutput.ts"
import type { CommandFailed } from "./internal/failure.ts"
import { Flags, noFlags } from "./internal/sharedFlags.ts"
import type { TargetInput } from "./internal/target.ts"

type Services = CommandHost | CommandOutput

interface Handler {
  readonly run: (input: TargetInput) => Effect.Effect<void, CommandFailed, Flags | Services>
}

const handlers = new Map<string, () => Promise<Handler>>([
  ["add", () => import("./handlers/add.ts")],
  ["check", () => import("./handlers/check.ts")],
  ["del", async () => {
    const { run } = await import("./handlers/del.ts")
    return { run: ({ netns, network }) => run({ network: Option.some(network), netns, all: false }) }
  }],
  ["status", () => import("./handlers/status.ts")]
])

/** `add|check|del|status NETWORK [NETNS]` and nothing else: without a flag, there is but one way to read them. */
export const plain = (args: ReadonlyArray<string>): Effect.Effect<void, CommandFailed, Services> | undefined => {
  const [verb = "", network, netns, ...more] = args
  const load = handlers.get(verb)
  if (load === undefined || network === undefined || more.length > 0) return undefined
  if (args.some((arg) => arg.startsWith("-"))) return undefined
  return Effect.flatMap(Effect.promise(load), ({ run }) => run({ network, netns: Option.fromUndefinedOr(netns) })).pipe(
    Effect.provideService(Flags, noFlags)
  )
}

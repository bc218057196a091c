/** What a successful plugin says on the side is passed on; what a failed one wrote is in its error. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { hasAnswered, type PluginOutcome } from "../../../domain/plugin/PluginReply.ts"
import type { PluginInvocation } from "../../../domain/plugin/PluginRequest.ts"
import { PluginStderr } from "../../../services/Tunables.ts"

/** A run whose stderr goes where `PluginStderr` says. */
export const forwardStderr = <E>(
  invocation: PluginInvocation,
  running: Effect.Effect<PluginOutcome, E>
): Effect.Effect<PluginOutcome, E> =>
  Effect.tap(
    running,
    (outcome) =>
      outcome.stderr === "" || !hasAnswered(invocation, outcome)
        ? Effect.void
        : passOn(outcome.stderr.trimEnd(), invocation)
  )

const passOn = Effect.fnUntraced(function*(text: string, { command, plugin }: PluginInvocation) {
  const destination = yield* PluginStderr
  if (text === "" || destination === "nowhere") return
  if (destination === "stderr") return yield* Console.error(text)
  yield* Effect.logWithLevel(destination)(text).pipe(
    Effect.annotateLogs({ "cni.plugin": plugin, "cni.command": command })
  )
})

/** What a successful plugin says on the side is passed on; what a failed one wrote is in its error. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { PluginOutcome } from "../../domain/PluginReply.ts"
import type { PluginInvocation } from "../../domain/PluginRequest.ts"
import { PluginStderr } from "../../services/Tunables.ts"

/** A run whose stderr goes where `PluginStderr` says. */
export const passingOnStderr = <E>(
  { command, plugin }: PluginInvocation,
  running: Effect.Effect<PluginOutcome, E>
): Effect.Effect<PluginOutcome, E> =>
  Effect.tap(
    running,
    Effect.fnUntraced(function*({ exit, stderr }: PluginOutcome) {
      const destination = yield* PluginStderr
      const text = stderr.trimEnd()
      if (text === "" || destination === "nowhere" || exit._tag === "Signalled" || exit.status !== 0) return
      if (destination === "stderr") return yield* Console.error(text)
      yield* Effect.logWithLevel(destination)(text).pipe(
        Effect.annotateLogs({ "cni.plugin": plugin, "cni.command": command })
      )
    })
  )

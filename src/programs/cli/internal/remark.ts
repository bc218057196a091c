/** Says on stderr, to a person, what a result does not show. */
import * as Effect from "effect/Effect"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { harmless } from "./harmless.ts"
import type { Settings } from "./settings.ts"

/** Programs have it in their result. */
export const remark = (text: string, { json }: Settings): Effect.Effect<void, never, CommandOutput> =>
  json ? Effect.void : Effect.flatMap(CommandOutput, ({ complain }) => complain(`${harmless(text)}\n`))

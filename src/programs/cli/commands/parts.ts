/** What the declarations of several subcommands have in common. */
import * as Argument from "effect/cli/Argument"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { validateContainerId, validateIfName } from "../../../domain/attachment/RuntimeConf.ts"
import type { GcAttachment } from "../../../domain/Outcomes.ts"
import { effectCni, type SharedFlags } from "../flags.ts"

/** Loads the handler, a module's `run`, only when its subcommand is called: parsing a call loads none. */
export const handledBy = <Input, E, R>(
  load: () => Promise<{ readonly run: (input: Input, flags: SharedFlags) => Effect.Effect<void, E, R> }>
) =>
(input: Input) =>
  Effect.flatMap(effectCni, (flags) => Effect.flatMap(Effect.promise(load), ({ run }) => run(input, flags)))

export const network = Argument.String("NETWORK").pipe(Argument.withDescription("Name of a configured network"))

export const netns = Argument.String("NETNS").pipe(
  Argument.withDescription("Path of the network namespace; can be given as --netns instead"),
  Argument.optional
)

/** Reads an attachment of a network, as `CONTAINER-ID:eth0`; neither of the two may hold a colon. */
export const attachmentArg = (text: string): Option.Option<GcAttachment> => {
  const [containerId = "", ifName = "", ...more] = text.split(":")
  const isUsable = more.length === 0 && Result.isSuccess(validateContainerId(containerId)) &&
    Result.isSuccess(validateIfName(ifName))
  return isUsable ? Option.some({ containerId, ifName }) : Option.none()
}

/** What is said of a text that is no attachment. */
export const noAttachment = (text: string): string => `"${text}" is no attachment: write it like CONTAINER-ID:eth0`

/** What the declarations of several subcommands have in common. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { validateContainerId, validateIfName } from "../../../domain/attachment/RuntimeConf.ts"
import type { GcAttachment } from "../../../domain/VerbOutcomes.ts"
import { effectCni, type SharedFlags } from "../flags.ts"

/** Loads the module of a handler only when the subcommand is called: parsing a call loads none. */
export const handledBy = <Module, Input, E, R>(
  load: () => Promise<Module>,
  handlerIn: (module: Module) => (input: Input, flags: SharedFlags) => Effect.Effect<void, E, R>
) =>
(input: Input) =>
  Effect.flatMap(effectCni, (flags) => Effect.flatMap(Effect.promise(load), (it) => handlerIn(it)(input, flags)))

/** Describes a subcommand in a line and at length, with examples: calls, and what each is for. */
export const described = <const Name extends string, Input, Context, E, R>(
  command: Command.Command<Name, Input, Context, E, R>,
  short: string,
  long: string,
  ...examples: ReadonlyArray<readonly [command: string, description: string]>
) =>
  command.pipe(
    Command.withDescription(long),
    Command.withShortDescription(short),
    Command.withExamples(examples.map(([command, description]) => ({ command, description })))
  )

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

/** Arguments that several commands have. */
import * as Argument from "effect/cli/Argument"

export const network = Argument.String("NETWORK").pipe(
  Argument.withDescription("Name of a configured network")
)

export const netns = Argument.String("NETNS").pipe(
  Argument.withDescription("Path of the network namespace; can be given as --netns instead"),
  Argument.optional
)

export const unusedNetns = Argument.String("NETNS").pipe(
  Argument.withDescription("Taken as cnitool takes it, and not used"),
  Argument.optional
)

/** Answers a call that cannot be understood. */
import type * as CliOutput from "effect/cli/CliOutput"
import { UsageError } from "../../../domain/errors/CommandError.ts"
import { noDirectories } from "./commands.ts"
import { meant } from "./meant.ts"
import { tellOf } from "./tellOf.ts"

/** On stderr, briefly, with what cnitool says of it as the last line; with `--json`, as JSON on stdout. */
export const complain = (
  { commandPath, errors, helpDoc }: CliOutput.Presenter.InvalidInvocation,
  args: ReadonlyArray<string>
) => {
  const [first = "the arguments cannot be understood", ...others] = errors.map(wordsFor)
  const given = args.slice(args.indexOf(commandPath.at(-1) ?? "") + 1).filter((arg) => !arg.startsWith("-")).length
  const isMissing = errors.some(({ _tag }) => _tag === "MissingArgument")
  const error = new UsageError({
    problems: [first, ...others, ...forgotten(commandPath, errors, args)],
    usage: helpDoc.usage,
    help: errors.flatMap((error) => error._tag === "UnknownSubcommand" ? meant(error.subcommand) : []),
    ...(isMissing && { libcni: `requires at least 2 arg(s), only received ${given}` })
  })
  const facts = { userId: undefined, searched: [], elsewhere: [], directories: noDirectories }
  return tellOf(error, { command: commandPath.slice(1).join(" "), facts, isJson: wantsJson(args) })
}

// What the parser suggests is near by its letters, and may delete.
const wordsFor = (error: CliOutput.Presenter.InvalidInvocation["errors"][number]): string =>
  error._tag === "UnknownSubcommand"
    ? `Unknown subcommand "${error.subcommand}" for "${(error.parent ?? ["effect-cni"]).join(" ")}"`
    : error.message

// As the parser takes it, which has given up; what follows `--` is somebody else's.
const wantsJson = (args: ReadonlyArray<string>): boolean => {
  const end = args.indexOf("--")
  return args.slice(0, end === -1 ? args.length : end).some((arg) => /^--json(?:=(?:true|1|y|yes|on))?$/.test(arg))
}

const forgotten = (
  commandPath: ReadonlyArray<string>,
  errors: CliOutput.Presenter.InvalidInvocation["errors"],
  args: ReadonlyArray<string>
): ReadonlyArray<string> =>
  commandPath.at(-1) === "exec" && !args.includes("--") && errors.some(({ _tag }) => _tag === "UnrecognizedOption")
    ? ["flags of the command to run come after --"]
    : []

/** Answers a call that cannot be understood: with what is wrong, the usage, and the command that may have been meant. */
import type * as CliOutput from "effect/cli/CliOutput"
import { similarTo } from "../../../domain/config/ConfigParsing.ts"
import { UsageError } from "../../../domain/errors/CommandError.ts"
import { renderFailure } from "./report.ts"
import { helpOf, noDirectories, toRun } from "./suggestedCommands.ts"

/** Writes the answer; `args` are those of the call. */
export const answerInvalidCall = (
  { commandPath, errors, helpDoc }: CliOutput.Presenter.InvalidInvocation,
  args: ReadonlyArray<string>
) => {
  const [first = "the arguments cannot be understood", ...others] = errors.map(wordsFor)
  const given = args.slice(args.indexOf(commandPath.at(-1) ?? "") + 1).filter((arg) => !arg.startsWith("-")).length
  const isMissing = errors.some(({ _tag }) => _tag === "MissingArgument")
  const lacksDashes = commandPath.at(-1) === "exec" && !args.includes("--") &&
    errors.some(({ _tag }) => _tag === "UnrecognizedOption")
  const error = new UsageError({
    problems: [first, ...others, ...(lacksDashes ? ["flags of the command to run come after --"] : [])],
    usage: helpDoc.usage,
    help: errors.flatMap((error) => error._tag === "UnknownSubcommand" ? suggestionsFor(error.subcommand) : []),
    ...(isMissing && { libcni: `requires at least 2 arg(s), only received ${given}` })
  })
  const facts = { userId: undefined, searched: [], elsewhere: [], directories: noDirectories }
  return renderFailure(error, { command: commandPath.slice(1).join(" "), facts, isJson: wantsJson(args) })
}

// What the parser suggests is near by its letters, and may delete.
const wordsFor = (error: CliOutput.Presenter.InvalidInvocation["errors"][number]): string =>
  error._tag === "UnknownSubcommand"
    ? `Unknown subcommand "${error.subcommand}" for "${(error.parent ?? ["effect-cni"]).join(" ")}"`
    : error.message

// The parser has given up, so the flag is read here. What follows `--` belongs to the command to run.
const wantsJson = (args: ReadonlyArray<string>): boolean => {
  const end = args.indexOf("--")
  return args.slice(0, end === -1 ? args.length : end).some((arg) => /^--json(?:=(?:true|1|y|yes|on))?$/.test(arg))
}

const reading = ["attachments", "diagram", "inspect", "networks", "plugins", "status", "validate"]
const withoutArguments = new Set(["attachments", "diagram", "networks", "plugins", "validate"])
const changing = ["abandon", "add", "check", "del", "exec", "gc", "recover"]

/** What other programs call a command. */
const synonyms: Readonly<Record<string, ReadonlyArray<string>>> = {
  attachments: ["ls", "list", "ps", "show", "get", "list-attachments"],
  inspect: ["describe", "info"],
  networks: ["network", "net", "nets", "conf", "config"],
  add: ["attach", "up", "connect", "create", "setup"],
  del: ["rm", "remove", "delete", "detach", "down", "disconnect", "teardown"],
  exec: ["run"],
  gc: ["prune", "clean", "cleanup"],
  validate: ["lint"],
  plugins: ["version", "versions"]
}

/** Commands that read, or the help of one: never a command that changes something. */
const suggestionsFor = (word: string): ReadonlyArray<string> => {
  const synonym = Object.keys(synonyms).find((name) => synonyms[name]?.includes(word))
  const found = synonym === undefined ? [...similarTo(word, reading), ...mistyped(word)] : [synonym]
  return found.slice(0, 3).flatMap((name) =>
    withoutArguments.has(name)
      ? toRun(`did you mean "${name}"`, `effect-cni ${name}`)
      : toRun(`did you mean "${name}"? To see what it does`, helpOf(name))
  )
}

// A short word is near to everything.
const mistyped = (word: string): ReadonlyArray<string> => {
  const [nearest] = similarTo(word, changing)
  return nearest !== undefined && word.length > 2 && nearest.startsWith(word.charAt(0)) ? [nearest] : []
}

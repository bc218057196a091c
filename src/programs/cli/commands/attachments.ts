/** `effect-cni attachments`. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { lazily } from "../internal/lazily.ts"

const tree = Flag.Boolean("tree").pipe(
  Flag.withDescription("As a tree: networks, their containers, these interfaces"),
  Flag.withDefault(false)
)

export const attachments = Command.make("attachments", { tree }, lazily(() => import("../handlers/attachments.ts")))
  .pipe(
    Command.withDescription(
      "Show what is attached: where, since when and by whom; what was left half-way, what other runtimes have attached with " +
        "the same directory of records, and files there that cannot be read. A narrow terminal has no room for all columns: " +
        "--tree and --json have all. Changes nothing."
    ),
    Command.withShortDescription("Show what is attached"),
    Command.withExamples([
      { command: "effect-cni attachments", description: "A table, cut to the terminal" },
      { command: "effect-cni attachments --tree", description: "Networks, their containers, these interfaces" },
      { command: "effect-cni attachments --json", description: "All that is known, for programs" }
    ])
  )

/** The commands that look at what is attached: attachments, inspect and diagram. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { toggle } from "../flags.ts"
import { handledBy } from "./parts.ts"

const tree = toggle("tree", "As a tree: networks, their containers, these interfaces")

export const attachments = Command.make(
  "attachments",
  { tree },
  handledBy(() => import("../handlers/attachments/attachments.ts"))
)
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
      { command: "effect-cni attachments --json", description: "With all details, for programs" }
    ])
  )

const id = Argument.String("ID").pipe(
  Argument.withDescription("A container ID, or the beginning of one, if it is that of a single container")
)

export const inspect = Command.make("inspect", { id }, handledBy(() => import("../handlers/attachments/inspect.ts")))
  .pipe(
    Command.withDescription(
      "Show all about a container's attachments: addresses, routes, interfaces, arguments, who made them and " +
        "when, and the configuration and the result as they are stored. Changes nothing."
    ),
    Command.withShortDescription("Show all about a container's attachments"),
    Command.withExamples([
      { command: "effect-cni inspect blue", description: "The container of that ID" },
      { command: "effect-cni inspect cnitool-3f2a", description: "The one whose ID begins like that" },
      { command: "effect-cni inspect blue --json", description: "The same for programs" }
    ])
  )

export const diagram = Command.make("diagram", {}, handledBy(() => import("../handlers/attachments/diagram.ts"))).pipe(
  Command.withDescription(
    "Draw the configured networks, the containers that are attached to them, and their addresses, as Mermaid text, which " +
      "GitHub and others draw. What is not in order has a dashed line. Changes nothing."
  ),
  Command.withShortDescription("Draw networks and attachments"),
  Command.withExamples([
    { command: "effect-cni diagram", description: "For a ```mermaid block in Markdown" }
  ])
)

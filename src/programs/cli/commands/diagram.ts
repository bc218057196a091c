/** `effect-cni diagram`. */
import * as Command from "effect/cli/Command"
import { lazily } from "../internal/lazily.ts"

export const diagram = Command.make("diagram", {}, lazily(() => import("../handlers/diagram.ts"))).pipe(
  Command.withDescription(
    "Draw the configured networks, the containers that are attached to them, and their addresses, as Mermaid text, which " +
      "GitHub and others draw. What is not in order has a dashed line. Changes nothing."
  ),
  Command.withShortDescription("Draw networks and attachments"),
  Command.withExamples([
    { command: "effect-cni diagram", description: "For a ```mermaid block in Markdown" }
  ])
)

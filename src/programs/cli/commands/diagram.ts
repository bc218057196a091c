/** `effect-cni diagram`. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { lazily } from "../internal/lazily.ts"

const format = Flag.Literals("format", ["mermaid", "svg"]).pipe(
  Flag.withDescription("Text that GitHub and others draw, or a picture"),
  Flag.withDefault("mermaid")
)

export const diagram = Command.make("diagram", { format }, lazily(() => import("../handlers/diagram.ts"))).pipe(
  Command.withDescription(
    "Draw the configured networks, the containers that are attached to them, and their addresses. What is not in order " +
      "has a dashed line. Changes nothing."
  ),
  Command.withShortDescription("Draw networks and attachments"),
  Command.withExamples([
    { command: "effect-cni diagram", description: "As Mermaid text, for a ```mermaid block in Markdown" },
    { command: "effect-cni diagram --format svg > networks.svg", description: "As a picture" }
  ])
)

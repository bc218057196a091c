/** Draws networks, attachments and addresses. */
import * as Effect from "effect/Effect"
import { NetworkConfigs } from "../../../services/NetworkConfigs.ts"
import { commanding, operating } from "../internal/commanding.ts"
import { diagramOf } from "../internal/diagram.ts"
import { mermaid } from "../internal/mermaid.ts"
import type { Settings } from "../internal/settings.ts"
import { survey } from "../internal/survey.ts"
import { svg } from "../internal/svg.ts"

/** What it is told. */
export interface DiagramInput {
  readonly format: "mermaid" | "svg"
}

export const run = commanding(
  "diagram",
  Effect.fnUntraced(function*({ format }: DiagramInput, settings: Settings) {
    const looking = Effect.gen(function*() {
      const { networks } = yield* (yield* NetworkConfigs).all
      const { view } = yield* survey
      return diagramOf(networks.map(({ list }) => list), view.attachments)
    })
    const diagram = yield* Effect.provide(looking, yield* operating(settings))
    const text = format === "svg" ? svg(diagram) : mermaid(diagram)
    return { result: { format, text }, text }
  })
)

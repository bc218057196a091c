/** Draws networks, attachments and addresses. */
import * as Effect from "effect/Effect"
import { NetworkConfigs } from "../../../services/network/NetworkConfigs.ts"
import { commanding, operating } from "../internal/commanding.ts"
import { diagramOf } from "../internal/diagram.ts"
import { mermaid } from "../internal/mermaid.ts"
import type { Settings } from "../internal/settings.ts"
import { survey } from "../internal/survey.ts"

export const run = commanding(
  "diagram",
  Effect.fnUntraced(function*(_: object, settings: Settings) {
    const looking = Effect.gen(function*() {
      const { networks } = yield* (yield* NetworkConfigs).all
      const { view } = yield* survey
      return diagramOf(networks.map(({ list }) => list), view.attachments)
    })
    const text = mermaid(yield* Effect.provide(looking, yield* operating(settings)))
    return { result: { text }, text }
  })
)

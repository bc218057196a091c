/** Shows all that is stored about the attachments of one container. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { mayBelongTo } from "../../../domain/attachment/AttachmentKey.ts"
import { ContainerUnknown } from "../../../domain/errors/CommandError.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { commanding, operating } from "../internal/commanding.ts"
import { detailsOf, storedIn, storedTexts } from "../internal/details.ts"
import { harmless, harmlessLines } from "../internal/harmless.ts"
import { outline } from "../internal/outline.ts"
import { said } from "../internal/said.ts"
import type { Settings } from "../internal/settings.ts"
import { styleOf } from "../internal/style.ts"
import { survey, type Surveyed } from "../internal/survey.ts"
import type { AttachmentsView } from "../internal/views.ts"

/** What it is told. */
export interface InspectInput {
  readonly id: string
}

export const run = commanding(
  "inspect",
  Effect.fnUntraced(function*({ id }: InspectInput, settings: Settings) {
    const { surveyed, view } = yield* Effect.provide(survey, yield* operating(settings))
    const isDamaged = view.unreadable.some(ofContainer(id))
    const containerId = isDamaged ? id : yield* meantBy(id, surveyed)
    const own = surveyed.filter(({ key }) => key.containerId === containerId)
    const unreadable = view.unreadable.filter(ofContainer(containerId))
    const result = {
      containerId,
      attachments: own.map((one) => ({ ...one.view, ...storedIn(one) })),
      unreadable
    }
    return { result, text: yield* textOf(own, unreadable, settings) }
  })
)

const textOf = Effect.fnUntraced(function*(
  own: ReadonlyArray<Surveyed>,
  unreadable: AttachmentsView["unreadable"],
  settings: Settings
) {
  const now = yield* Clock.currentTimeMillis
  const surface = yield* (yield* CommandOutput).stdout
  const style = styleOf(surface)
  const parts = [
    outline(own.map((one) => detailsOf(one, settings, { style, now })), undefined),
    ...own.flatMap(storedTexts).map(([title, text]) => [style.bold(harmless(title)), harmlessLines(text)]),
    unreadable.flatMap(({ file, issue }) => said(file, style.red, `cannot be read: ${issue}`, surface.columns))
  ]
  return parts.filter((lines) => lines.length > 0).map((lines) => `${lines.join("\n")}\n`).join("\n")
})

// Of what cannot be read, the file's name is all that there is.
const ofContainer = (containerId: string) => ({ file }: { readonly file: string }): boolean =>
  mayBelongTo(containerId)(file.slice(file.lastIndexOf("/") + 1))

/** The container of that ID, or the only one whose ID begins like that. */
const meantBy = Effect.fnUntraced(function*(id: string, surveyed: ReadonlyArray<Surveyed>) {
  const ids = [...new Set(surveyed.map(({ key }) => key.containerId))]
  if (ids.includes(id)) return id
  const [only, ...others] = ids.filter((known) => known.startsWith(id))
  if (only !== undefined && others.length === 0) return only
  const isAmbiguous = only !== undefined
  return yield* new ContainerUnknown({ containerId: id, isAmbiguous, known: isAmbiguous ? [only, ...others] : ids })
})

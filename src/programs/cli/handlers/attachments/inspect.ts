/** Shows all that is stored about the attachments of one container. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { mayBelongTo } from "../../../../domain/attachment/AttachmentKey.ts"
import { ContainerUnknown } from "../../../../domain/errors/CommandError.ts"
import { handler, operating } from "../../call/handler.ts"
import { tree } from "../../text/layout.ts"
import { escapeControls, escapeControlsInLines, labelledLines, stdoutStyle, textOfLines } from "../../text/text.ts"
import { detailsOf, storedIn, storedTexts } from "./details.ts"
import { listAttachments, type ListedAttachment } from "./listAttachments.ts"

export interface InspectArgs {
  readonly id: string
}

export const run = handler("inspect", operating, function*({ id }: InspectArgs, call) {
  const { listed, view } = yield* listAttachments
  const isDamaged = view.unreadable.some(ofContainer(id))
  const containerId = isDamaged ? id : yield* containerOf(id, listed)
  const own = listed.filter(({ key }) => key.containerId === containerId)
  const unreadable = view.unreadable.filter(ofContainer(containerId))
  const now = yield* Clock.currentTimeMillis
  const style = yield* stdoutStyle
  const parts = [
    tree(own.map((one) => detailsOf(one, call, style, now)), undefined),
    ...own.flatMap(storedTexts).map(([title, text]) => [
      style.bold(escapeControls(title)),
      escapeControlsInLines(text)
    ]),
    unreadable.flatMap(({ file, issue }) => labelledLines(file, style.red, `cannot be read: ${issue}`, style.width))
  ]
  return {
    result: { containerId, attachments: own.map((one) => ({ ...one.view, ...storedIn(one) })), unreadable },
    text: parts.filter((lines) => lines.length > 0).map(textOfLines).join("\n")
  }
})

// An unreadable file has only its name to go by.
const ofContainer = (containerId: string) => ({ file }: { readonly file: string }): boolean =>
  mayBelongTo(containerId)(file.slice(file.lastIndexOf("/") + 1))

/** The container of that ID, or the only one whose ID begins with it. */
const containerOf = Effect.fnUntraced(function*(id: string, listed: ReadonlyArray<ListedAttachment>) {
  const ids = [...new Set(listed.map(({ key }) => key.containerId))]
  if (ids.includes(id)) return id
  const [only, ...others] = ids.filter((one) => one.startsWith(id))
  if (only !== undefined && others.length === 0) return only
  const isAmbiguous = only !== undefined
  return yield* new ContainerUnknown({ containerId: id, isAmbiguous, known: isAmbiguous ? [only, ...others] : ids })
})

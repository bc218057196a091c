/** Shows what is attached, and what was left half-way. */
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { CommandOutput } from "../../../services/CommandOutput.ts"
import { ownerOf, paintOf, remarksOn, sinceOf, stateOf } from "../internal/attachmentWords.ts"
import { commanding, operating } from "../internal/commanding.ts"
import { harmless } from "../internal/harmless.ts"
import { type Node, outline } from "../internal/outline.ts"
import type { Settings } from "../internal/settings.ts"
import { type Style, styleOf } from "../internal/style.ts"
import { survey } from "../internal/survey.ts"
import { type Cell, table } from "../internal/table.ts"
import type { AttachmentsView, AttachmentView } from "../internal/views.ts"

/** What it is told. */
export interface AttachmentsInput {
  readonly tree: boolean
}

export const run = commanding(
  "attachments",
  Effect.fnUntraced(function*({ tree }: AttachmentsInput, settings: Settings) {
    const { view } = yield* Effect.provide(survey, yield* operating(settings))
    const surface = yield* (yield* CommandOutput).stdout
    const style = styleOf(surface)
    const now = yield* Clock.currentTimeMillis
    const shown = view.attachments.length === 0
      ? [`nothing is attached, as far as ${harmless(settings.places.cacheDir)} says`]
      : tree
      ? outline(treeOf(view, style, now), surface.columns)
      : tableOf(view, style, { now, width: surface.columns })
    const text = [...shown, ...below(view, style, now, tree)].map((line) => `${line}\n`).join("")
    return { result: view, text }
  })
)

const columns = [
  { title: "NETWORK" },
  { title: "CONTAINER" },
  { title: "INTERFACE" },
  { title: "ADDRESS" },
  { title: "STATE" },
  { title: "SINCE" },
  { title: "BY" },
  { title: "NAMESPACE", cut: "start" }
] as const

const tableOf = (
  { attachments }: AttachmentsView,
  style: Style,
  { now, width }: { readonly now: number; readonly width: number | undefined }
): ReadonlyArray<string> =>
  table(columns, attachments.map((view) => rowOf(view, style, now)), { bold: style.bold, width })

const rowOf = (view: AttachmentView, style: Style, now: number): ReadonlyArray<Cell> => [
  { text: view.network },
  { text: view.containerId },
  { text: view.ifName },
  { text: view.addresses.join(" ") },
  { text: stateOf(view), paint: paintOf(view, style) },
  { text: sinceOf(view, now) },
  { text: ownerOf(view) },
  { text: view.netns ?? "" }
]

const treeOf = ({ attachments }: AttachmentsView, style: Style, now: number): ReadonlyArray<Node> =>
  Object.entries(Arr.groupBy(attachments, ({ network }) => network)).map(([network, ofNetwork]) => ({
    text: network,
    paint: style.bold,
    below: Object.entries(Arr.groupBy(ofNetwork, ({ containerId }) => containerId)).map(([containerId, own]) => ({
      text: containerId,
      below: own.map((view) => leafOf(view, style, now))
    }))
  }))

const leafOf = (view: AttachmentView, style: Style, now: number): Node => ({
  text: [view.ifName, ...view.addresses].join(" ") + `: ${stateOf(view)}, ${sinceOf(view, now)}, by ${ownerOf(view)}`,
  paint: paintOf(view, style),
  below: [...(view.netns === undefined ? [] : [view.netns]), ...remarksOn(view)].map((text) => ({ text }))
})

const below = (
  { attachments, collecting, unreadable }: AttachmentsView,
  { red, yellow }: Style,
  now: number,
  hasRemarks: boolean
): ReadonlyArray<string> => {
  const remarks = hasRemarks ?
    [] :
    attachments.flatMap((view) =>
      remarksOn(view).map((remark) => `${yellow(harmless(`${view.containerId}:${view.ifName}`))}: ${harmless(remark)}`)
    )
  const lines = [
    ...remarks,
    ...collecting.map(({ network, since }) =>
      `${yellow(harmless(network))}: its plugins were told to collect garbage ${sinceOf({ since }, now)}`
    ),
    ...unreadable.map(({ file, issue }) => `${red(harmless(file))}: cannot be read: ${harmless(issue)}`)
  ]
  return lines.length === 0 ? [] : ["", ...lines]
}

/** Shows what is attached, and what was left half-way. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { ownerOf, paintOf, remarksOn, sinceOf, stateOf } from "../internal/attachmentWords.ts"
import { commanding, operating } from "../internal/commanding.ts"
import type { Directories } from "../internal/commands.ts"
import { harmless } from "../internal/harmless.ts"
import { type Node, outline } from "../internal/outline.ts"
import { said } from "../internal/said.ts"
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
    const text = [...shown, ...below(view, style, { now, width: surface.columns, directories: settings })].map((line) =>
      `${line}\n`
    ).join("")
    return { result: view, text }
  })
)

const columns = [
  { title: "NETWORK", kind: "flexible" },
  { title: "CONTAINER", kind: "flexible" },
  { title: "IFNAME" },
  { title: "ADDRESS", kind: "flexible" },
  { title: "STATE" },
  { title: "SINCE" },
  { title: "BY", kind: "extra" },
  { title: "NAMESPACE", cut: "start", kind: "extra" }
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
  Array.from(Map.groupBy(attachments, ({ network }) => network), ([network, ofNetwork]) => ({
    text: network,
    paint: style.bold,
    below: Array.from(Map.groupBy(ofNetwork, ({ containerId }) => containerId), ([containerId, own]) => ({
      text: containerId,
      below: own.map((view) => leafOf(view, style, now))
    }))
  }))

const leafOf = (view: AttachmentView, style: Style, now: number): Node => ({
  text: [view.ifName, ...view.addresses].join(" ") + `: ${stateOf(view)}, ${sinceOf(view, now)}, by ${ownerOf(view)}`,
  paint: paintOf(view, style),
  below: view.netns === undefined ? [] : [{ text: view.netns }]
})

const below = (
  { attachments, collecting, unreadable }: AttachmentsView,
  { red, yellow }: Style,
  { directories, now, width }: {
    readonly directories: Directories
    readonly now: number
    readonly width: number | undefined
  }
): ReadonlyArray<string> => {
  const lines = [
    ...attachments.flatMap((view) =>
      remarksOn(view, directories).flatMap(({ commands, text }) => [
        ...said(`${view.containerId}:${view.ifName}`, yellow, commands.length === 0 ? text : `${text}:`, width),
        ...commands.map((command) => `    ${command}`)
      ])
    ),
    ...collecting.flatMap(({ network, since }) =>
      said(network, yellow, `its plugins were told to collect garbage ${sinceOf({ since }, now)}`, width)
    ),
    ...unreadable.flatMap(({ file, issue }) => said(file, red, `cannot be read: ${issue}`, width))
  ]
  return lines.length === 0 ? [] : ["", ...lines]
}

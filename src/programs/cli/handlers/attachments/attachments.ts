/** Shows what is attached, and what was left half-way. */
import * as Clock from "effect/Clock"
import { handler, operating } from "../../call/handler.ts"
import type { Directories } from "../../flags.ts"
import { type Cell, type Node, table, tree } from "../../text/layout.ts"
import { escapeControls, labelledLines, stdoutStyle, type Style, textOfLines } from "../../text/text.ts"
import type { AttachmentsView, AttachmentView } from "../views.ts"
import { issuesOf, ownerOf, paintOf, sinceOf, stateOf } from "./attachmentText.ts"
import { listAttachments } from "./listAttachments.ts"

export const attachments = handler("attachments", operating, function*(args: { readonly tree: boolean }, call) {
  const { view } = yield* listAttachments
  const style = yield* stdoutStyle
  const now = yield* Clock.currentTimeMillis
  const shown = view.attachments.length === 0
    ? [`nothing is attached, as far as ${escapeControls(call.places.cacheDir)} says`]
    : args.tree
    ? tree(treeOf(view, style, now), style.width)
    : table(columns, view.attachments.map((one) => rowOf(one, style, now)), style)
  const issues = issueLines(view, call, style, now)
  return { result: view, text: textOfLines([...shown, ...(issues.length === 0 ? [] : ["", ...issues])]) }
})

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

const issueLines = (
  { attachments, collecting, unreadable }: AttachmentsView,
  directories: Directories,
  { red, width, yellow }: Style,
  now: number
): ReadonlyArray<string> => [
  ...attachments.flatMap((view) =>
    issuesOf(view, directories).flatMap(({ commands, text }) => [
      ...labelledLines(
        `${view.containerId}:${view.ifName}`,
        yellow,
        commands.length === 0 ? text : `${text}:`,
        width
      ),
      ...commands.map((command) => `    ${command}`)
    ])
  ),
  ...collecting.flatMap(({ network, since }) =>
    labelledLines(network, yellow, `its plugins were told to collect garbage ${sinceOf({ since }, now)}`, width)
  ),
  ...unreadable.flatMap(({ file, issue }) => labelledLines(file, red, `cannot be read: ${issue}`, width))
]

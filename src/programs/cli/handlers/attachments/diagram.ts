/** Draws networks and their attachments as Mermaid text, which GitHub and many others show as a picture. */
import type { NetworkConfigList } from "../../../../domain/config/NetworkConfigList.ts"
import { NetworkConfigs } from "../../../../services/network/NetworkConfigs.ts"
import { handler, operating } from "../../call/handler.ts"
import { cut, escapeControls, textOfLines } from "../../text/text.ts"
import type { AttachmentView } from "../views.ts"
import { stateOf } from "./attachmentText.ts"
import { listAttachments } from "./listAttachments.ts"

export const diagram = handler("diagram", operating, function*() {
  const { networks } = yield* (yield* NetworkConfigs).all
  const { view } = yield* listAttachments
  const text = mermaid(networks.map(({ list }) => list), view.attachments)
  return { result: { text }, text }
})

/**
 * A flowchart with the networks at the left (the configured ones, and those that only attachments name) and the
 * containers at the right.
 */
export const mermaid = (
  configured: ReadonlyArray<NetworkConfigList>,
  attachments: ReadonlyArray<AttachmentView>
): string => {
  const chains = new Map(configured.map(({ name, plugins }) => [name, plugins.map(({ type }) => type).join(", ")]))
  for (const { network } of attachments) if (!chains.has(network)) chains.set(network, "not configured")
  const networks = [...chains.keys()]
  const containers = [...new Set(attachments.map(({ containerId }) => containerId))]
  return textOfLines([
    "flowchart LR",
    ...networks.map((name, at) => `    n${at}[${label(name, chains.get(name) ?? "")}]`),
    ...containers.map((id, at) => `    c${at}([${label(id)}])`),
    ...containers.flatMap((id, at) =>
      attachments.filter(({ containerId }) => containerId === id).map((view) =>
        `    n${networks.indexOf(view.network)} ${linkOf(view)} c${at}`
      )
    ),
    ...(networks.length === 0 ? ["    nothing[no networks]"] : [])
  ])
}

const linkOf = (view: AttachmentView): string => {
  const state = stateOf(view)
  const isFine = state === "attached"
  const text = [view.ifName, ...view.addresses, ...(isFine ? [] : [`(${state})`])].join(" ")
  return `${isFine ? "---" : "-.-"}|${label(text)}|`
}

const label = (...texts: ReadonlyArray<string>): string =>
  `"${texts.filter((text) => text !== "").map(escaped).join("<br/>") || " "}"`

const widest = 44

// By Mermaid's own entities. A text that begins like a list would be taken for one.
const escaped = (text: string): string =>
  cut(escapeControls(text), widest).replace(
    /[^\p{L}\p{N}\p{M} .,/:…-]|^-|(?<=^\d+)\./gu,
    (char) => `#${char.codePointAt(0)};`
  )

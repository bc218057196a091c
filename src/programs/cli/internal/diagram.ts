/** What a picture of networks and attachments shows, whatever it is drawn with. */
import type { NetworkConfigList } from "../../../domain/config/NetworkConfigList.ts"
import { stateOf } from "./attachmentWords.ts"
import { cut } from "./fit.ts"
import { harmless } from "./harmless.ts"
import type { AttachmentView } from "./views.ts"

/** A box of a network, with what is below its name. */
export interface NetworkBox {
  readonly title: string
  readonly subtitle: string
}

/** A box of a container; each of its lines leads to a network, by its index. */
export interface ContainerBox {
  readonly title: string
  readonly links: ReadonlyArray<{ readonly network: number; readonly label: string; readonly isFine: boolean }>
}

/** Texts in it are harmless, and short enough to be drawn. */
export interface Diagram {
  readonly networks: ReadonlyArray<NetworkBox>
  readonly containers: ReadonlyArray<ContainerBox>
}

/** All networks that are configured, and those that are not, but have attachments. */
export const diagramOf = (
  configured: ReadonlyArray<NetworkConfigList>,
  attachments: ReadonlyArray<AttachmentView>
): Diagram => {
  const subtitles = new Map(configured.map(({ name, plugins }) => [name, plugins.map(({ type }) => type).join(", ")]))
  for (const { network } of attachments) if (!subtitles.has(network)) subtitles.set(network, "not configured")
  const names = [...subtitles.keys()]
  const ids = [...new Set(attachments.map(({ containerId }) => containerId))]
  return {
    networks: names.map((name) => ({ title: short(name), subtitle: short(subtitles.get(name) ?? "") })),
    containers: ids.map((id) => ({
      title: short(id),
      links: attachments.filter(({ containerId }) => containerId === id).map((view) => ({
        network: names.indexOf(view.network),
        label: labelOf(view),
        isFine: stateOf(view) === "attached"
      }))
    }))
  }
}

const labelOf = (view: AttachmentView): string => {
  const state = stateOf(view)
  return short([view.ifName, ...view.addresses, ...(state === "attached" ? [] : [`(${state})`])].join(" "))
}

const short = (text: string): string => cut(harmless(text), widest)

const widest = 44

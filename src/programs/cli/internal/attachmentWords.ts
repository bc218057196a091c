/** Attachments in words, for tables and trees. */
import { ago } from "./ago.ts"
import type { Paint, Style } from "./style.ts"
import type { AttachmentView } from "./views.ts"

/** How it is with an attachment, in one or two words. */
export const stateOf = ({ namespace, owner, state }: AttachmentView): string => {
  if (state === "attached") {
    if (owner?.scoped === true && !owner.alive) return "left over"
    return namespace === "gone" || namespace === "replaced" ? "no namespace" : "attached"
  }
  return (state === "adding" || state === "deleting") && owner?.alive === false ? `${state}, died` : state
}

/** Green where all is well, yellow where somebody is at it, else red. */
export const paintOf = (view: AttachmentView, { green, red, yellow }: Style): Paint => {
  const state = stateOf(view)
  if (state === "attached") return green
  return state === "adding" || state === "deleting" ? yellow : red
}

/** When it began. */
export const sinceOf = ({ since }: Pick<AttachmentView, "since">, now: number): string =>
  since === undefined ? "unknown" : ago(Date.parse(since), now)

/** Who made it, as far as that is known. */
export const ownerOf = ({ owner, runtime }: AttachmentView): string => {
  if (owner === undefined) return runtime === "other" ? "another runtime" : "effect-cni"
  return owner.alive ? `effect-cni, pid ${owner.pid}` : "effect-cni"
}

/** What to know of it, and what to do about it; nothing where all is well. */
export const remarksOn = (view: AttachmentView): ReadonlyArray<string> => [
  ...(view.issue === undefined ? [] : [view.issue]),
  ...remarkOn(view)
]

const remarkOn = ({ containerId, ifName, namespace, network, owner, state }: AttachmentView): ReadonlyArray<string> => {
  const names = [network, containerId, ifName]
  // What is offered to be copied into a shell must be harmless there too.
  const del = names.every((name) => /^\w[\w.-]*$/.test(name))
    ? `effect-cni del ${network} --container-id ${containerId} -i ${ifName}`
    : "effect-cni del"
  switch (state) {
    case "vanished":
      return ["another runtime has deleted it since: its journal entry goes when it is next worked on"]
    case "failed":
      return ["it could not be deleted: effect-cni recover tries again, abandon gives it up"]
    case "adding":
    case "deleting":
      return owner?.alive === true ? [] : ["who was at it has died: effect-cni recover cleans up"]
    case "attached":
      if (owner?.scoped === true && !owner.alive) return ["who held it has died: effect-cni recover cleans up"]
      if (namespace === "gone") return [`its namespace is gone: ${del} cleans up`]
      return namespace === "replaced" ? [`its path names another namespace by now: ${del} cleans up`] : []
  }
}

/** Attachments in words, for tables and trees. */
import { ago } from "./ago.ts"
import { abandonOf, delOf, type Directories, recoverOf } from "./commands.ts"
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

/** What to know of an attachment, and the commands that do something about it. */
export interface Remark {
  readonly text: string
  readonly commands: ReadonlyArray<string>
}

/** Nothing where all is well. */
export const remarksOn = (view: AttachmentView, directories: Directories): ReadonlyArray<Remark> => [
  ...(view.issue === undefined ? [] : [{ text: view.issue, commands: [] }]),
  ...remarkOn(view, directories)
]

const remarkOn = (view: AttachmentView, directories: Directories): ReadonlyArray<Remark> => {
  const { namespace, owner, state } = view
  const recover = [recoverOf(directories)]
  const del = delOf(view, directories)
  switch (state) {
    case "vanished":
      return [{ text: "another runtime has deleted it since; to forget it", commands: recover }]
    case "failed":
      return [
        { text: "it could not be deleted; when its plugins work again", commands: recover },
        { text: "to forget it, when they never will", commands: abandonOf(view, directories) }
      ]
    case "adding":
    case "deleting":
      return owner?.alive === true
        ? []
        : [{ text: "the process that was at it has died; to clean up", commands: recover }]
    case "attached":
      if (owner?.scoped === true && !owner.alive) {
        return [{ text: "the process that held it has died; to clean up", commands: recover }]
      }
      if (namespace === "gone") return [{ text: "its namespace is gone; to clean up", commands: del }]
      return namespace === "replaced"
        ? [{ text: "its path names another namespace by now; to clean up", commands: del }]
        : []
  }
}

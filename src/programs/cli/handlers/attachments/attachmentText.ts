/** Describes attachments in words, for tables and trees. */
import { abandonOf, delOf, recoverOf } from "../../failure/suggestedCommands.ts"
import type { Directories } from "../../flags.ts"
import type { Paint, Style } from "../../text/text.ts"
import type { AttachmentView } from "../views.ts"

/** The state of an attachment, in one or two words. */
export const stateOf = ({ namespace, owner, state }: AttachmentView): string => {
  if (state === "attached") {
    if (owner?.scoped === true && !owner.alive) return "left over"
    return namespace === "gone" || namespace === "replaced" ? "no namespace" : "attached"
  }
  return (state === "adding" || state === "deleting") && owner?.alive === false ? `${state}, died` : state
}

/** Green if the attachment is in order, yellow while an operation is under way, else red. */
export const paintOf = (view: AttachmentView, { green, red, yellow }: Style): Paint => {
  const state = stateOf(view)
  if (state === "attached") return green
  return state === "adding" || state === "deleting" ? yellow : red
}

const units = [
  { name: "day", ms: 86_400_000, limit: Infinity },
  { name: "h", ms: 3_600_000, limit: 48 },
  { name: "min", ms: 60_000, limit: 120 },
  { name: "s", ms: 1000, limit: 120 }
] as const

/** How long before `now` something was, both in ms since 1970: `just now`, `3 min ago`, `5 days ago`. */
export const ago = (then: number, now: number): string => {
  const passed = now - then
  if (passed < -1000) return "in the future"
  if (passed < 1000) return "just now"
  const unit = units.findLast(({ limit, ms }) => Math.floor(passed / ms) < limit) ?? units[0]
  const count = Math.floor(passed / unit.ms)
  return `${count} ${unit.name}${unit.name === "day" && count > 1 ? "s" : ""} ago`
}

/** When the attachment was begun. */
export const sinceOf = ({ since }: Pick<AttachmentView, "since">, now: number): string =>
  since === undefined ? "unknown" : ago(Date.parse(since), now)

/** The runtime that made the attachment. */
export const ownerOf = ({ owner, runtime }: AttachmentView): string => {
  if (owner === undefined) return runtime === "other" ? "another runtime" : "effect-cni"
  return owner.alive ? `effect-cni, pid ${owner.pid}` : "effect-cni"
}

/** Something that is not in order with an attachment, and the commands that mend it. */
export interface Issue {
  readonly text: string
  readonly commands: ReadonlyArray<string>
}

export const issuesOf = (view: AttachmentView, directories: Directories): ReadonlyArray<Issue> => [
  ...(view.issue === undefined ? [] : [{ text: view.issue, commands: [] }]),
  ...issuesOfState(view, directories)
]

const issuesOfState = (view: AttachmentView, directories: Directories): ReadonlyArray<Issue> => {
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

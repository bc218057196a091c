/** The model: of each attachment whether it is up, gone, or left half-way, and what an operation may make of that. */
import type { Step } from "./steps.ts"

/**
 * `up` and `scoped`: attached, until somebody deletes it or its scope closes. `left`: to be deleted by whoever comes next.
 * `gone`: nothing of it is anywhere.
 */
export type Status = "up" | "scoped" | "left" | "gone"

/** An attachment. */
export type Name = `${Step["network"]} ${Step["containerId"]} ${Step["ifName"]}`

/** What there is; what is not named is gone. */
export type Model = ReadonlyMap<Name, Status>

/** How an operation ended; of a failure its tag. */
export type End = "succeeded" | "interrupted" | "killed" | { readonly failed: string }

/** The name of what a step is about. */
export const nameOf = ({ containerId, ifName, network }: Step): Name => `${network} ${containerId} ${ifName}`

/** Of each attachment what it may be after an operation. Throws where the operation may not have ended so. */
export const allowed = (model: Model, step: Step, end: End): ReadonlyMap<Name, ReadonlyArray<Status>> => {
  const after = allowedInLife(model, step, end)
  if (end !== "killed") return after
  // Nobody closes the scopes of a runtime that has died.
  return new Map([...after].map(([name, statuses]) => [
    name,
    statuses.map((status) => status === "scoped" ? "left" : status)
  ]))
}

const allowedInLife = (model: Model, step: Step, end: End): ReadonlyMap<Name, ReadonlyArray<Status>> => {
  switch (step.operation) {
    case "add":
    case "attach":
      return afterAdd(model, step, end)
    case "gc":
      return everywhere(model, (name, status) => afterGc(name, status, step, end))
    case "recover":
      return everywhere(model, (_, status) => status === "left" ? afterRecovery(step, end) : [status])
    case "check":
      return everywhere(model, (_, status) => [status])
    // The end of a scope logs what it could not delete.
    case "close":
      return at(model, step, (status) => status === "scoped" || status === "left" ? ["gone", "left"] : [status])
    case "abandon":
      return at(model, step, (status) => end === "succeeded" || status === "gone" ? ["gone"] : [status, "gone"])
    case "del":
    case "detach":
    case "delAttachment":
      return at(model, step, (status) => afterDel(status, end))
  }
}

const everywhere = (model: Model, change: (name: Name, status: Status) => ReadonlyArray<Status>) =>
  new Map([...model].map(([name, status]) => [name, change(name, status)]))

const at = (model: Model, step: Step, change: (status: Status) => ReadonlyArray<Status>) => {
  const name = nameOf(step)
  return new Map([...everywhere(model, (_, status) => [status]), [name, change(model.get(name) ?? "gone")]])
}

// One that nothing disturbs leaves nothing half-way.
const afterRecovery = ({ fault }: Step, end: End): ReadonlyArray<Status> =>
  end === "succeeded" && fault === null ? ["gone"] : ["gone", "left"]

const afterDel = (status: Status, end: End): ReadonlyArray<Status> => {
  if (end === "succeeded") return ["gone"]
  // What fails before it begins leaves everything as it was.
  if (typeof end !== "object") return ["gone", "left", status]
  return status === "gone" ? ["gone"] : ["left", status]
}

const afterGc = (name: Name, status: Status, { containerId, network }: Step, end: End): ReadonlyArray<Status> => {
  const isKept = name.includes(` ${containerId} `)
  if (!name.startsWith(`${network} `) || (isKept && status !== "left")) return [status]
  if (end !== "succeeded") return ["gone", "left", status]
  return isKept ? ["gone", status] : ["gone"]
}

const afterAdd = (model: Model, step: Step, end: End): ReadonlyMap<Name, ReadonlyArray<Status>> => {
  const name = nameOf(step)
  const isRival = (other: Name) => other.endsWith(` ${step.containerId} ${step.ifName}`)
  const rivals = [...model].filter(([other, status]) => isRival(other) && status !== "gone")
  const isTaken = rivals.some(([, status]) => status !== "left")
  const isRefused = typeof end === "object" && end.failed === "AttachmentExists"
  if (isRefused && rivals.length === 0) throw new Error(`${name} was refused, though nothing is there`)
  if (end === "succeeded" && isTaken) throw new Error(`${name} was attached over what is attached`)
  // What was left of the interface is deleted first.
  const others = everywhere(model, (other, status) => isRival(other) && status === "left" ? ["left", "gone"] : [status])
  if (isTaken || isRefused) return others
  const up = step.operation === "add" ? "up" : "scoped"
  const own: ReadonlyArray<Status> = end === "succeeded" ? [up] : ["gone", "left", ...lateIn(step, end)]
  return new Map([...others, [name, own]])
}

// Who is interrupted or killed after the record was written is attached; a scope is then closed, or dead.
const lateIn = ({ operation }: Step, end: End): ReadonlyArray<Status> =>
  operation === "add" && typeof end !== "object" ? ["up"] : []

/** Which failures of an operation are what the test itself has caused. */
import type { CniError, VerbErrors } from "effect-cni"

/** What an operation of a driver can fail with. */
export type Failure =
  | VerbErrors.AddNetworkListError
  | VerbErrors.DelNetworkListError
  | VerbErrors.DelAttachmentError
  | VerbErrors.DetachError
  | VerbErrors.PlanGcError
  | CniError.GcIncomplete
  | CniError.DetachFailure

/**
 * Whether plugins failed that were told to, or ran out of the time that they were given. What is in the way of an ADD may
 * only be something that could not be deleted for the same reason.
 */
export const isExpected = (failure: Failure): boolean => {
  switch (failure._tag) {
    case "PluginError":
      return failure.code === 100
    case "PluginTimeout":
      return failure.command === "ADD"
    case "RollbackFailed":
      return (failure.cause === undefined || isExpected(failure.cause)) && failure.failures.every(isExpected)
    case "DetachIncomplete":
      return failure.failures.every(isExpected)
    case "AttachmentExists":
      return failure.state !== "attached" && failure.failures.length > 0 && failure.failures.every(isExpected)
    case "GcIncomplete":
      return failure.failures.every(({ error }) => isExpected(error))
    default:
      return false
  }
}

/** Whether an ADD was refused because the container has the interface. */
export const isInTheWay = (failure: Failure): boolean =>
  failure._tag === "AttachmentExists" && failure.state === "attached"

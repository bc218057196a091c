/** What an ADD gives: a container that is attached to a network. */
import type { AttachmentKey } from "../attachment/AttachmentKey.ts"
import type { CniResult } from "../result/CniResult.ts"

/** A container that is attached to a network: which, where, and what the plugins made. */
export interface Attachment extends AttachmentKey {
  readonly result: CniResult
}

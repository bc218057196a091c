/** What `abandon` gives: what may be left of an attachment that no plugin will be asked to delete. */
import type { AttachmentKey } from "../attachment/AttachmentKey.ts"

/** What may be left on the host of an attachment that was abandoned: no operation will delete it. */
export interface Abandoned extends AttachmentKey {
  /** The types of the plugins that were not asked to delete it; empty where no journal entry names them. */
  readonly plugins: ReadonlyArray<string>
  readonly addresses: ReadonlyArray<string>
  /** Interfaces that are still there; `sandbox` is the path of the namespace, empty for the host's. */
  readonly interfaces: ReadonlyArray<{ readonly name: string; readonly sandbox: string }>
}

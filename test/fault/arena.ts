/** A place where drivers are killed one after the other: what there is to work on, and how to see what became of it. */
import type { AttachmentKey, Cni, CniServices } from "effect-cni"
import type * as Layer from "effect/Layer"
import type { Fate } from "./chronicle.ts"
import type { Plan } from "./plan.ts"
import type { Stored } from "./stored.ts"

/** What was found after a recovery: what is up, and what should not be as it is. */
export interface Findings {
  readonly live: ReadonlyArray<AttachmentKey.AttachmentKey>
  readonly problems: ReadonlyArray<string>
}

export interface Arena {
  readonly plan: Pick<Plan, "directory" | "cacheDir" | "pluginPaths" | "networks" | "containers" | "interrupting">
  /** The same services as the driver's. */
  readonly layer: Layer.Layer<Cni | CniServices>
  /** To be called before a driver starts. */
  readonly prepare: () => void
  /** Compares what there is with what there must be; by file name. */
  readonly inspect: (fates: ReadonlyMap<string, Fate>, stored: Stored) => Findings
}

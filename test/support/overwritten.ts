/** A runtime without a journal writes its record over another attachment's, which has the same file name. */
import { AttachmentCache } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { c1 } from "./network.ts"

/** A container whose file name on network "net" is that of container "d" on network "net-c". */
export const shared = { ...c1, containerId: "c-d" }

/** The attachment that loses its record to the other one. */
export const sharedKey = { network: "net", containerId: "c-d", ifName: "eth0" }

/** Writes the record of container "d" over that of `shared`. */
export const overwrite = Effect.gen(function*() {
  const cache = yield* AttachmentCache
  const mine = Option.getOrThrow(yield* cache.get(sharedKey))
  if (mine._tag === "CacheRecord") yield* cache.put({ ...mine, network: "net-c", containerId: "d" })
})

/** The containers that have a record. */
export const recorded = AttachmentCache.use((cache) =>
  Effect.map(cache.list(), (all) => all.map(({ containerId }) => containerId))
)

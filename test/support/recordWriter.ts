/** Writes, replaces and removes 20 records for as long as its standard input is open. Argument: the cache directory. */
import { AttachmentCache, type CacheEntry, type CniError } from "effect-cni"
import { FileSystemAttachmentCache } from "effect-cni/node"
import * as Effect from "effect/Effect"

const [cacheDir = ""] = process.argv.slice(2)
const over = new Promise((resolve) => process.stdin.on("end", () => resolve(undefined)).resume())

let count = 0

const recordOf = (at: number): CacheEntry.CacheRecord => ({
  _tag: "CacheRecord",
  network: "net",
  containerId: `c${at % 20}`,
  ifName: "eth0",
  // Of ever other length, so that a piece of one would show.
  config: new Uint8Array(1 + (at * 37) % 20_000).fill(at % 256),
  netns: "/run/netns/x",
  cniArgs: [],
  capabilityArgs: {},
  result: { cniVersion: "1.0.0" },
  unknown: {}
})

const layer = FileSystemAttachmentCache.layer(cacheDir)

const write = (at: number): Effect.Effect<void, CniError.CacheIoError, AttachmentCache> =>
  AttachmentCache.use((cache) => at % 7 === 0 ? cache.remove(recordOf(at)) : cache.put(recordOf(at)))

await Effect.suspend(() => write(count++)).pipe(
  Effect.forever,
  Effect.raceFirst(Effect.promise(() => over)),
  Effect.provide(layer),
  Effect.runPromise
)

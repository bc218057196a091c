/** Layers that fail where a test wants them to. */
import { AttachmentCache, type Cni, CniError, type CniServices } from "effect-cni"
import type { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { replacing } from "./withService.ts"

/** Everything in memory, with a cache whose operations fail with an errno. */
export const withFailingCache = (
  faults: Parameters<typeof failingCache>[0],
  memory: ReturnType<typeof MemoryCni.layer>
): ReturnType<typeof MemoryCni.layer> => Layer.provideMerge(failingCache(faults), memory)

/** The cache in the context, with operations that fail with an errno, and `Cni` on it. */
export const failingCache = (
  faults: Partial<Readonly<Record<"get" | "put" | "remove", string>>>
): Layer.Layer<AttachmentCache | Cni, never, CniServices> =>
  Layer.effect(
    AttachmentCache,
    Effect.map(AttachmentCache, (cache) => {
      const fail = (operation: "read" | "write" | "remove", reason: string) =>
        Effect.fail(new CniError.CacheIoError({ operation, path: "/cache", reason, detail: "injected" }))
      return AttachmentCache.of({
        ...cache,
        get: (key) => faults.get === undefined ? cache.get(key) : fail("read", faults.get),
        put: (record) => faults.put === undefined ? cache.put(record) : fail("write", faults.put),
        remove: (key) => faults.remove === undefined ? cache.remove(key) : fail("remove", faults.remove)
      })
    })
  ).pipe(replacing)

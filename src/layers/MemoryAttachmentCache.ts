/** Keeps records in memory, through the same codec as the file system, so that what tests store is what users read. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type AttachmentKey, fileName, mayBelongTo } from "../domain/AttachmentKey.ts"
import * as CacheEntry from "../domain/CacheEntry.ts"
import { CacheEntryInvalid } from "../domain/CniError.ts"
import { byCodePoint } from "../domain/Json.ts"
import { AttachmentCache } from "../services/AttachmentCache.ts"

/** A cache that starts with these files, by name (`net-c1-eth0`), and is empty without. */
export const layer = (files: Readonly<Record<string, string>> = {}): Layer.Layer<AttachmentCache> =>
  Layer.sync(AttachmentCache, () => {
    const entries = new Map(Object.entries(files))
    const pathOf = (key: AttachmentKey) => `memory:${fileName(key)}`
    const decode = (text: string) => CacheEntry.decode(new TextEncoder().encode(text))
    return AttachmentCache.of({
      pathOf,
      get: (key) =>
        Effect.suspend(() =>
          Effect.transposeOption(
            Option.map(Option.fromNullishOr(entries.get(fileName(key))), (text) =>
              Effect.fromResult(decode(text)).pipe(
                Effect.mapError((issue) =>
                  new CacheEntryInvalid({ network: key.network, path: pathOf(key), issue, decoding: "version" })
                )
              ))
          )
        ),
      put: (record) => Effect.sync(() => void entries.set(fileName(record), CacheEntry.encode(record))),
      remove: (key) => Effect.sync(() => void entries.delete(fileName(key))),
      list: (containerId) =>
        Effect.sync(() =>
          [...entries].toSorted(([left], [right]) => byCodePoint(left, right)).flatMap(([name, text]) =>
            containerId === undefined || mayBelongTo(containerId)(name)
              ? Option.toArray(Option.filter(Result.getSuccess(decode(text)), CacheEntry.isAttachment(containerId)))
              : []
          )
        ),
      files: Effect.sync(() =>
        [...entries].toSorted(([left], [right]) => byCodePoint(left, right)).map(([name, text]) => ({
          name,
          path: `memory:${name}`,
          content: decode(text),
          writtenAt: undefined
        }))
      ),
      sweep: Effect.void
    })
  })

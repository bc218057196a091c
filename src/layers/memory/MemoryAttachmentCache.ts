/** Keeps records in memory, through the same codec as the file system, so that what tests store is what users read. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type AttachmentKey, fileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as CacheEntry from "../../domain/attachment/CacheEntry.ts"
import { CacheEntryInvalid, type CacheIoError } from "../../domain/errors/CniError.ts"
import { inByteOrder } from "../../domain/json/Json.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { recordLimitsIn } from "../files/recordLimits.ts"
import { onName } from "./memoryFiles.ts"

/** A cache that starts with these files, by name (`net-c1-eth0`), and is empty without. */
export const layer = (files: Readonly<Record<string, string>> = {}): Layer.Layer<AttachmentCache> =>
  Layer.sync(AttachmentCache, () => {
    const texts = new Map(Object.entries(files))
    const decodeText = (text: string) =>
      Effect.contextWith((context: Context.Context<never>) =>
        Effect.succeed(CacheEntry.decode(new TextEncoder().encode(text), recordLimitsIn(context)))
      )
    // Every file, or those of some names, ordered by name.
    const decoded = (isWanted: (name: string) => boolean) =>
      Effect.suspend(() =>
        Effect.forEach(
          inByteOrder([...texts.keys()].filter(isWanted)),
          (name) =>
            Effect.map(decodeText(texts.get(name) ?? ""), (content) => ({
              name,
              path: `${directory}${name}`,
              content,
              writtenAt: undefined
            }))
        )
      )
    const onFile = <A, E>(
      operation: CacheIoError["operation"],
      key: AttachmentKey,
      action: (name: string) => Effect.Effect<A, E>
    ) => Effect.suspend(() => onName(operation, directory, fileName(key), action(fileName(key))))
    return AttachmentCache.of({
      pathOf,
      get: (key) =>
        onFile("read", key, (name) =>
          Effect.transposeOption(
            Option.map(Option.fromNullishOr(texts.get(name)), (text) =>
              Effect.flatMap(decodeText(text), Effect.fromResult).pipe(
                Effect.mapError((issue) =>
                  new CacheEntryInvalid({ network: key.network, path: pathOf(key), issue, decoding: "version" })
                )
              ))
          )),
      put: (record) =>
        onFile("write", record, (name) => Effect.sync(() => void texts.set(name, CacheEntry.encode(record)))),
      remove: (key) => onFile("remove", key, (name) => Effect.sync(() => void texts.delete(name))),
      list: (containerId) => {
        const files = decoded(containerId === undefined ? () => true : mayBelongTo(containerId))
        const attachmentIn = CacheEntry.attachmentIn(containerId)
        return Effect.map(
          files,
          (all) =>
            all.flatMap(({ content, name }) =>
              Result.isSuccess(content) ? attachmentIn(name, content.success) ?? [] : []
            )
        )
      },
      files: decoded(() => true),
      sweep: Effect.void
    })
  })

const directory = "memory:"

const pathOf = (key: AttachmentKey): string => `${directory}${fileName(key)}`

/** Keeps records in memory, through the same codec as the file system, so that what tests store is what users read. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { type AttachmentKey, fileName, mayBelongTo } from "../../domain/attachment/AttachmentKey.ts"
import * as CacheEntry from "../../domain/attachment/CacheEntry.ts"
import { CacheEntryInvalid } from "../../domain/errors/CniError.ts"
import { inByteOrder, type JsonLimits } from "../../domain/json/Json.ts"
import { AttachmentCache } from "../../services/attachment/AttachmentCache.ts"
import { onName, withLimits } from "./memoryFileNames.ts"

/** A cache that starts with these files, by name (`net-c1-eth0`), and is empty without. */
export const layer = (files: Readonly<Record<string, string>> = {}): Layer.Layer<AttachmentCache> =>
  Layer.sync(AttachmentCache, () => make(new Map(Object.entries(files))))

const make = (texts: Map<string, string>): AttachmentCache["Service"] =>
  AttachmentCache.of({
    pathOf,
    get: (key) =>
      Effect.flatMap(
        onName("read", directory, key, (name, limits) => decode(key, texts.get(name), limits)),
        (decoded) => Effect.fromResult(decoded)
      ),
    put: (record) => onName("write", directory, record, (name) => void texts.set(name, CacheEntry.encode(record))),
    remove: (key) => onName("remove", directory, key, (name) => void texts.delete(name)),
    list: (containerId) =>
      withLimits((limits) => {
        const attachmentIn = CacheEntry.attachmentIn(containerId)
        return filesOf(texts, limits, containerId === undefined ? () => true : mayBelongTo(containerId)).flatMap((
          { content, name }
        ) => Result.isSuccess(content) ? attachmentIn(name, content.success) ?? [] : [])
      }),
    files: withLimits((limits) => filesOf(texts, limits, () => true)),
    sweep: Effect.void
  })

const directory = "memory:"

const pathOf = (key: AttachmentKey): string => `${directory}${fileName(key)}`

const decodeText = (text: string, limits: JsonLimits) => CacheEntry.decode(new TextEncoder().encode(text), limits)

const decode = (key: AttachmentKey, text: string | undefined, limits: JsonLimits) =>
  text === undefined ? Result.succeed(Option.none()) : Result.mapBoth(decodeText(text, limits), {
    onSuccess: Option.some,
    onFailure: (issue) => new CacheEntryInvalid({ network: key.network, path: pathOf(key), issue, decoding: "version" })
  })

const filesOf = (texts: ReadonlyMap<string, string>, limits: JsonLimits, isWanted: (name: string) => boolean) =>
  inByteOrder([...texts.keys()].filter(isWanted)).map((name) => ({
    name,
    path: `${directory}${name}`,
    content: decodeText(texts.get(name) ?? "", limits),
    writtenAt: undefined
  }))

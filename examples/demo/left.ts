/** The proof at the end of each half: what was made is gone. */
import { AttachmentCache } from "effect-cni"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Show from "./show.ts"

/** Something is still there that should have been taken back. */
export class LeftBehind extends Data.TaggedError("LeftBehind")<{ readonly names: ReadonlyArray<string> }> {
  override get message(): string {
    return `left behind: ${this.names.join(", ")}`
  }
}

/** Lists what is left, by kind; fails when that is anything at all. */
export const nothing = Effect.fnUntraced(function*(found: Readonly<Record<string, ReadonlyArray<string>>>) {
  yield* Show.section("Left", "nothing, or the demo fails")
  yield* Effect.forEach(Object.entries(found), ([kind, names]) => Show.row(kind, names.join(", ") || "none"))
  const names = Object.values(found).flat()
  if (names.length > 0) return yield* new LeftBehind({ names })
})

/** The files of the cache's records. */
export const records = Effect.gen(function*() {
  const cache = yield* AttachmentCache
  return (yield* cache.list()).map((record) => cache.pathOf(record))
})

/** The files of a directory whose names match (a text or a pattern), none where it does not exist. */
export const files = Effect.fnUntraced(function*(directory: string, wanted: string | RegExp) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(directory))) return []
  return (yield* fs.readDirectory(directory)).filter((name) => name.search(wanted) !== -1).sort()
})

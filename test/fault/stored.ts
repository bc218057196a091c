/** What is in a cache directory: records and journal entries, and what should not be there. */
import { AttachmentKey, CacheEntry, JournalEntry } from "effect-cni"
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Records and entries by file name; `problems` are files that cannot be read, drafts and locks. */
export interface Stored {
  readonly records: ReadonlyMap<string, CacheEntry.CacheRecord>
  readonly entries: ReadonlyMap<string, JournalEntry.JournalEntry>
  readonly problems: ReadonlyArray<string>
}

/** Reads everything. */
export const readStored = (cacheDir: string): Stored => {
  const results = Path.join(cacheDir, "results")
  const own = Path.join(cacheDir, "effect-cni")
  const problems: Array<string> = []
  const readAll = <A extends AttachmentKey.AttachmentKey>(
    directory: string,
    read: (bytes: Uint8Array) => Result.Result<A, string>
  ) =>
    namesIn(directory).flatMap((name): ReadonlyArray<[string, A]> => {
      const file = Path.join(directory, name)
      const found = Result.filterOrFail(
        read(Fs.readFileSync(file)),
        (one) => AttachmentKey.fileName(one) === name,
        () => "it is another attachment's"
      )
      if (Result.isSuccess(found)) return [[name, found.success]]
      problems.push(`${file} cannot be used: ${found.failure}: ${Fs.readFileSync(file, "utf8").slice(-300)}`)
      return []
    })
  const records = readAll(results, (bytes) =>
    Result.filterOrFail(
      CacheEntry.decode(bytes),
      (entry) => entry._tag === "CacheRecord",
      () => "it is no record"
    ))
  const journal = Path.join(own, "journal")
  const entries = namesIn(journal).flatMap((shard) =>
    readAll(Path.join(journal, shard), (bytes) => JournalEntry.decode(new TextDecoder().decode(bytes)))
  )
  for (const directory of ["drafts", "journal-drafts", "locks"]) {
    const left = namesIn(Path.join(own, directory)).filter((name) => name !== "checked")
    for (const name of left) problems.push(`${directory}/${name} is left`)
  }
  return { records: new Map(records), entries: new Map(entries), problems }
}

const namesIn = (directory: string): ReadonlyArray<string> => Fs.existsSync(directory) ? Fs.readdirSync(directory) : []

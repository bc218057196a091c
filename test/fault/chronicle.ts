/**
 * What a driver knew when it died: a line before and after everything it did, and what follows from them for each
 * attachment once the host has been recovered.
 */
import { AttachmentKey } from "effect-cni"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import { Key } from "./plan.ts"

const Line = Schema.Union([
  /** An ADD begins, or several. */
  Schema.TaggedStruct("Adding", { key: Key, scoped: Schema.Boolean }),
  /** An ADD has returned, and nobody else is at it. */
  Schema.TaggedStruct("Attached", { key: Key }),
  /** An ADD has failed, its scope has ended, or a DEL has returned or failed: it is gone, or will be recovered. */
  Schema.TaggedStruct("Ended", { key: Key }),
  /** A DEL begins. */
  Schema.TaggedStruct("Deleting", { key: Key }),
  /** A GC may delete it from now on. */
  Schema.TaggedStruct("Unwanted", { key: Key }),
  /** A GC has found out what is wanted. */
  Schema.TaggedStruct("Collecting", { network: Schema.String, gc: Schema.Int }),
  /** That GC has succeeded. */
  Schema.TaggedStruct("Collected", { network: Schema.String, gc: Schema.Int }),
  /** It dies by itself. */
  Schema.TaggedStruct("Dying", { seam: Schema.String }),
  /** Something that may not happen. */
  Schema.TaggedStruct("Surprise", { what: Schema.String })
])
export type Line = typeof Line.Type

const Text = Schema.fromJsonString(Line)

/** Adds lines to a chronicle; each is there as soon as it is told. */
export const chronicler = (file: string) => (line: Line): void => Fs.appendFileSync(file, `${JSON.stringify(line)}\n`)

/** The lines of a chronicle. */
export const readChronicle = (file: string): ReadonlyArray<Line> =>
  Fs.existsSync(file)
    ? Fs.readFileSync(file, "utf8").split("\n").slice(0, -1).map((line) => Schema.decodeSync(Text)(line))
    : []

/** What must be of an attachment: that it is up, that it is gone, or one of these. */
export type Fate = "live" | "gone" | "either"

/** The fate of every attachment that was there before, or that is spoken of; by file name. */
export const fates = (
  before: ReadonlyArray<AttachmentKey.AttachmentKey>,
  lines: ReadonlyArray<Line>
): ReadonlyMap<string, Fate> => {
  const known = new Map(before.map((key): [string, Fate] => [AttachmentKey.fileName(key), "live"]))
  const unwanted = new Map<string, AttachmentKey.AttachmentKey>()
  const toCollect = new Map<number, ReadonlyArray<string>>()
  for (const line of lines) {
    if ("key" in line) {
      const name = AttachmentKey.fileName(line.key)
      known.set(name, fateAfter(line))
      if (line._tag === "Unwanted") unwanted.set(name, line.key)
      else unwanted.delete(name)
    }
    if (line._tag === "Collecting") {
      const here = [...unwanted].filter(([, { network }]) => network === line.network)
      toCollect.set(line.gc, here.map(([name]) => name))
    }
    if (line._tag === "Collected") {
      for (const name of toCollect.get(line.gc) ?? []) if (unwanted.has(name)) known.set(name, "gone")
    }
  }
  return known
}

const fateAfter = (line: Extract<Line, { readonly key: unknown }>): Fate => {
  switch (line._tag) {
    case "Attached":
      return "live"
    case "Ended":
      return "gone"
    case "Adding":
      return line.scoped ? "gone" : "either"
    case "Deleting":
    case "Unwanted":
      return "either"
  }
}

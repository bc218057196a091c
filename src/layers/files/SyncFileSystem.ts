/**
 * Node's file system with synchronous calls for what is short: each takes some 10 µs, and to go to another thread and back
 * takes longer. What can take long is as it was: reading, listing, syncing to disk, streams.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type PlatformError, systemError, type SystemErrorTag } from "effect/PlatformError"
import * as Fs from "node:fs"
import { codeOf } from "./errno.ts"

/**
 * A FileSystem for the services that keep and find small files on local disks: what `NodeCni` has below its records,
 * configurations and plugins. A disk that hangs holds up everything else that the process does.
 */
export const layer: Layer.Layer<FileSystem.FileSystem> = Layer.provide(
  Layer.effect(
    FileSystem.FileSystem,
    Effect.map(FileSystem.FileSystem, (base) =>
      FileSystem.FileSystem.of({
        ...base,
        writeFile: (path, data, options) =>
          attempt("writeFile", path, () => Fs.writeFileSync(path, data, { flag: options?.flag, mode: options?.mode })),
        rename: (from, to) => attempt("rename", from, () => Fs.renameSync(from, to)),
        remove: (path, options) =>
          options === undefined ? attempt("remove", path, () => Fs.unlinkSync(path)) : base.remove(path, options),
        stat: (path) => attempt("stat", path, () => infoOf(Fs.statSync(path)))
      }))
  ),
  NodeFileSystem.layer
)

const attempt = <A>(method: string, path: string, action: () => A): Effect.Effect<A, PlatformError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(action())
    } catch (cause) {
      const _tag = tags.get(codeOf(cause)) ?? "Unknown"
      return Effect.fail(systemError({ _tag, module: "FileSystem", method, pathOrDescriptor: path, cause }))
    }
  })

const tags: ReadonlyMap<string, SystemErrorTag> = new Map([
  ["ENOENT", "NotFound"],
  ["EACCES", "PermissionDenied"],
  ["EPERM", "PermissionDenied"],
  ["EEXIST", "AlreadyExists"],
  ["EISDIR", "BadResource"],
  ["ENOTDIR", "BadResource"],
  ["ELOOP", "BadResource"],
  ["EBUSY", "Busy"]
])

const infoOf = (stat: Fs.Stats): FileSystem.File.Info => ({
  type: typeOf(stat),
  mtime: Option.some(stat.mtime),
  atime: Option.some(stat.atime),
  birthtime: Option.some(stat.birthtime),
  dev: BigInt(stat.dev),
  rdev: Option.some(BigInt(stat.rdev)),
  ino: Option.some(BigInt(stat.ino)),
  mode: stat.mode,
  nlink: Option.some(BigInt(stat.nlink)),
  uid: Option.some(stat.uid),
  gid: Option.some(stat.gid),
  size: ByteSize.bytes(BigInt(stat.size)),
  blksize: Option.some(ByteSize.bytes(BigInt(stat.blksize))),
  blocks: Option.some(BigInt(stat.blocks))
})

const typeOf = (stat: Fs.Stats): FileSystem.File.Type => {
  if (stat.isFile()) return "File"
  if (stat.isDirectory()) return "Directory"
  if (stat.isFIFO()) return "FIFO"
  if (stat.isSocket()) return "Socket"
  return stat.isBlockDevice() ? "BlockDevice" : "CharacterDevice"
}

/**
 * Node's file system with synchronous calls where files are small: each takes some 10 µs, and to go to another thread and
 * back takes longer. What can take long is as it was: listings of large directories, syncing to disk, streams.
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type PlatformError, systemError, type SystemErrorTag } from "effect/PlatformError"
import * as Fs from "node:fs"
import { codeOf } from "./internal/errno.ts"
import { presenceOf } from "./internal/presence.ts"
import { lengthOf } from "./internal/shortDirectory.ts"

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
        exists: (path) => attempt("exists", path, () => exists(path)),
        readFile: (path) => attempt("readFile", path, () => readFile(path)),
        writeFile: (path, data, options) =>
          attempt("writeFile", path, () => Fs.writeFileSync(path, data, { flag: options?.flag, mode: options?.mode })),
        rename: (from, to) => attempt("rename", from, () => Fs.renameSync(from, to)),
        remove: (path, options) =>
          options === undefined ? attempt("remove", path, () => Fs.unlinkSync(path)) : base.remove(path, options),
        readDirectory: (path, options) =>
          options === undefined && lengthOf(path) !== "long"
            ? attempt("readDirectory", path, () => Fs.readdirSync(path))
            : base.readDirectory(path, options),
        readDirectoryEntries: (path) =>
          lengthOf(path) !== "long"
            ? attempt("readDirectoryEntries", path, () => entriesIn(path))
            : base.readDirectoryEntries(path),
        stat: (path) => attempt("stat", path, () => infoOf(Fs.statSync(path)))
      }))
  ),
  NodeFileSystem.layer
)

// Without asking how large it is, which `/proc` does not know; what is too large for the buffer is left to Node.
// A pipe that nobody writes to is empty; one that somebody will write to is waited for.
const readFile = (path: string): Uint8Array => {
  try {
    return readNow(path)
  } catch (error) {
    if (codeOf(error) !== "EAGAIN") throw error
    return Fs.readFileSync(path)
  }
}

const readNow = (path: string): Uint8Array => {
  const descriptor = Fs.openSync(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK)
  try {
    let length = 0
    for (let read = -1; read !== 0 && length < buffer.byteLength; length += read) {
      read = Fs.readSync(descriptor, buffer, length, buffer.byteLength - length, null)
    }
    const start = Buffer.from(buffer.subarray(0, length))
    return length < buffer.byteLength ? start : Buffer.concat([start, Fs.readFileSync(descriptor)])
  } finally {
    Fs.closeSync(descriptor)
  }
}

const exists = (path: string): boolean => {
  const presence = presenceOf(path)
  if (presence !== "unknown") return presence === "there"
  try {
    Fs.accessSync(path)
    return true
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false
    throw error
  }
}

const buffer = Buffer.allocUnsafeSlow(64 * 1024)

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

const entriesIn = (directory: string): ReadonlyArray<FileSystem.DirectoryEntry> =>
  Fs.readdirSync(directory, { withFileTypes: true }).map((entry) => ({ name: entry.name, type: typeOf(entry) }))

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

const typeOf = (stat: Fs.StatsBase<unknown> | Fs.Dirent): FileSystem.File.Type => {
  if (stat.isFile()) return "File"
  if (stat.isDirectory()) return "Directory"
  return stat.isSymbolicLink() ? "SymbolicLink" : "Unknown"
}

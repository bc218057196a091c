/** Finds plugins in an ordered list of directories. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { InvalidPluginType, PluginNotExecutable, PluginNotFound } from "../../domain/errors/CniError.ts"
import { inByteOrder } from "../../domain/json/Json.ts"
import { PluginDiscovery } from "../../services/plugin/PluginDiscovery.ts"
import { wordsOf } from "../files/errorWords.ts"

/** The plugins of these directories, the first one first. Empty elements are ignored. */
export const layer = (
  directories: ReadonlyArray<string>
): Layer.Layer<PluginDiscovery, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    PluginDiscovery,
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const isWindows = path.sep === "\\"
      const searched = directories.filter((directory) => directory !== "")
      const suffixes = isWindows ? [".exe", ""] : [""]
      // What comes before a name, as `join` writes it.
      const places = searched.map((directory) => path.join(directory, "x").slice(0, -1))

      const regularFile = (file: string) =>
        fs.stat(file).pipe(
          Effect.option,
          Effect.map(Option.filter(({ type }) => type === "File"))
        )

      // Looked at only where nothing was found.
      const whyPassedOver = (file: string): Effect.Effect<ReadonlyArray<string>> =>
        Effect.matchEffect(fs.stat(file), {
          onSuccess: ({ type }) => Effect.succeed([`${file} is ${kinds[type]}, not a regular file`]),
          onFailure: ({ reason }) => {
            const issue = reason._tag === "NotFound" ? undefined : wordsOf(reason.cause)
            return Effect.match(fs.readLink(file), {
              onFailure: () => issue === undefined ? [] : [`${file} cannot be looked at: ${issue}`],
              onSuccess: (
                target
              ) => [`${file} is a link to ${target}${issue === undefined ? ", where there is no file" : `: ${issue}`}`]
            })
          }
        })

      const notFound = Effect.fnUntraced(function*(type: string, candidates: ReadonlyArray<string>) {
        const passedOver = (yield* Effect.forEach(candidates, whyPassedOver)).flat()
        return yield* new PluginNotFound({ plugin: type, searched, ...(passedOver.length > 0 && { passedOver }) })
      })

      const mayExecute = ({ mode }: FileSystem.File.Info) => isWindows || (mode & anyoneMayExecute) !== 0

      const pluginAt = (directory: string, name: string) => {
        const file = path.join(directory, name)
        const type = isWindows ? name.replace(/\.exe$/, "") : name
        return Effect.map(
          regularFile(file),
          Option.map((info) => ({ type, path: file, isExecutable: mayExecute(info) }))
        )
      }

      const installedIn = Effect.fnUntraced(function*(directory: string) {
        const names = yield* Effect.orElseSucceed(fs.readDirectory(directory), () => [])
        const found = yield* Effect.forEach(inByteOrder(names), (name) => pluginAt(directory, name))
        return found.flatMap(Option.toArray)
      })

      return PluginDiscovery.of({
        installed: Effect.map(Effect.forEach(searched, installedIn), (all) => all.flat()),
        fingerprint: (file) =>
          fs.stat(file).pipe(
            Effect.map(({ ino, mtime, size }) =>
              [file, Option.getOrElse(ino, () => ""), size, Option.match(mtime, { onNone: () => "", onSome: Number })]
                .join("\0")
            ),
            Effect.orElseSucceed(() => undefined)
          ),
        searchPath: searched.join(isWindows ? ";" : ":"),
        find: (type) => {
          if (!isPluginType(type, isWindows)) return Effect.fail(new InvalidPluginType({ plugin: type }))
          const candidates = places.flatMap((place) => suffixes.map((suffix) => place + type + suffix))
          const findFrom = (
            at: number,
            refused: string | undefined
          ): Effect.Effect<string, PluginNotFound | PluginNotExecutable> => {
            const file = candidates[at]
            if (file === undefined) {
              return refused === undefined
                ? notFound(type, candidates)
                : Effect.fail(new PluginNotExecutable({ plugin: type, path: refused }))
            }
            return Effect.flatMap(regularFile(file), (found) => {
              if (Option.isNone(found)) return findFrom(at + 1, refused)
              return mayExecute(found.value) ? Effect.succeed(file) : findFrom(at + 1, refused ?? file)
            })
          }
          return findFrom(0, undefined)
        }
      })
    })
  )

const kinds: Readonly<Record<FileSystem.File.Type, string>> = {
  File: "a file",
  Directory: "a directory",
  SymbolicLink: "a symbolic link",
  FIFO: "a FIFO",
  Socket: "a socket",
  BlockDevice: "a block device",
  CharacterDevice: "a character device",
  Unknown: "something else"
}

const anyoneMayExecute = 0o111

const isPluginType = (type: string, isWindows: boolean): boolean =>
  type !== "" && !/[/\0]/.test(type) && !(isWindows && type.includes("\\"))

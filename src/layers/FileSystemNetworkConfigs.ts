/** The networks that are configured by files of a directory: `.conflist`, then `.conf` and `.json`, with drop-ins. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import { ConfigInvalid } from "../domain/CniError.ts"
import type { NetworkConfigList } from "../domain/NetworkConfigList.ts"
import { NetworkConfigs } from "../services/NetworkConfigs.ts"
import * as ConfigDirectory from "./internal/configDirectory.ts"
import * as ConfigFiles from "./internal/configFiles.ts"
import { codeOf } from "./internal/errno.ts"

/** The networks of a directory. One that is missing is an empty one. */
export const layer = (
  directory: string
): Layer.Layer<NetworkConfigs, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(NetworkConfigs, Effect.map(filesOf(directory), ConfigDirectory.make))

/** The networks of the directory that Config names as `NETCONFPATH`, `/etc/cni/net.d` by default. */
export const layerConfig: Layer.Layer<NetworkConfigs, Config.ConfigError, FileSystem.FileSystem | Path.Path> = Layer
  .unwrap(Effect.map(Config.NonEmptyString("NETCONFPATH").pipe(Config.withDefault("/etc/cni/net.d")), layer))

/** The files of a directory with one of these extensions (`.conf`), ordered; none where there is no such directory. */
export const configFiles = Effect.fnUntraced(function*(
  directory: string,
  extensions: ReadonlyArray<string>
): Effect.fn.Return<ReadonlyArray<string>, ConfigInvalid, FileSystem.FileSystem | Path.Path> {
  return yield* ConfigFiles.filesWith(yield* filesOf(directory), directory, extensions)
})

/** The list in a file, with the drop-ins beside it. Fails with `ConfigInvalid`, also when there is no such file. */
export const fromFile = Effect.fnUntraced(function*(
  file: string
): Effect.fn.Return<NetworkConfigList, ConfigInvalid, FileSystem.FileSystem | Path.Path> {
  const path = yield* Path.Path
  const list = yield* ConfigFiles.listIn(yield* filesOf(path.dirname(file)), file)
  if (Option.isSome(list)) return list.value
  return yield* ConfigFiles.missing(file)
})

const filesOf = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files: ConfigFiles.ConfigFiles = {
    directory,
    dropInsOf: (file, network) => path.join(path.dirname(file), network),
    list: (place) =>
      fs.readDirectoryEntries(place).pipe(
        Effect.map((entries) =>
          entries.filter(({ type }) => type !== "Directory").map(({ name }) => path.join(place, name))
        ),
        Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed([])),
        Effect.mapError((error) => unreadable(place, error, ""))
      ),
    read: (file) =>
      fs.readFile(file).pipe(
        Effect.asSome,
        Effect.catchReason("PlatformError", "NotFound", () => Effect.succeedNone),
        Effect.mapError((error) => unreadable(file, error, codeOf(error.reason.cause)))
      )
  }
  return files
})

const unreadable = (file: string, { reason }: PlatformError, errno: string): ConfigInvalid =>
  new ConfigInvalid({
    kind: "file",
    file,
    at: "",
    reason: `it cannot be read: ${reason.description ?? reason._tag}`,
    ...(errno !== "" && { errno })
  })

/** The networks that are configured by files of a directory: `.conflist`, then `.conf` and `.json`, with drop-ins. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { NetworkConfigList } from "../../domain/config/NetworkConfigList.ts"
import { ConfigInvalid } from "../../domain/errors/CniError.ts"
import { codeOf, orElse } from "../../domain/errors/SystemError.ts"
import { NetworkConfigs } from "../../services/network/NetworkConfigs.ts"
import { JsonLimit } from "../../services/Tunables.ts"
import { locate, namesIn } from "../files/readRegularFile.ts"
import * as RegularFile from "../files/readRegularFile.ts"
import { wordsOf } from "../files/systemErrors.ts"
import * as ConfigFiles from "./configFiles.ts"

/**
 * The networks of a directory. One that is missing is an empty one. A file whose name is not UTF-8 is one like any other,
 * shown with escapes (`caf\xe9.conf`). What is no regular file, nor a link to one, is broken, and is not opened.
 */
export const layer = (directory: string): Layer.Layer<NetworkConfigs> =>
  Layer.sync(NetworkConfigs, () => ConfigFiles.make(filesOf(directory)))

/** The networks of the directory that Config names as `NETCONFPATH`, `/etc/cni/net.d` by default. */
export const layerConfig: Layer.Layer<NetworkConfigs, Config.ConfigError> = Layer.unwrap(
  Effect.map(Config.NonEmptyString("NETCONFPATH").pipe(Config.withDefault("/etc/cni/net.d")), layer)
)

/** The files of a directory with one of these extensions (`.conf`), ordered; none where there is no such directory. */
export const configFiles = (
  directory: string,
  extensions: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, ConfigInvalid> =>
  ConfigFiles.filesWith(filesOf(directory), directory, extensions)

/** The list in a file, with the drop-ins beside it. Fails with `ConfigInvalid`, also when there is no such file. */
export const fromFile = Effect.fnUntraced(function*(file: string): Effect.fn.Return<NetworkConfigList, ConfigInvalid> {
  const list = yield* ConfigFiles.listIn(filesOf(Path.dirname(file)), file)
  if (Option.isSome(list)) return list.value
  return yield* ConfigFiles.missing(file)
})

const filesOf = (directory: string): ConfigFiles.ConfigFiles => ({
  directory,
  dropInsOf: (file, network) => Path.join(Path.dirname(file), network),
  list: (place) =>
    Effect.try({
      try: () => filesIn(place),
      catch: (error) => invalid(place, `it cannot be listed: ${wordsOf(error)}`)
    }),
  read: Effect.fnUntraced(function*(file) {
    const { maxBytes } = yield* JsonLimit
    const reading = yield* Effect.try({
      try: () => RegularFile.read(file, { maxBytes, links: "follow" }),
      catch: (error) => invalid(file, `it cannot be read: ${wordsOf(error)}`, codeOf(error))
    })
    if (reading._tag === "Unusable") return yield* invalid(file, reading.issue, reading.errno)
    return reading._tag === "Present" ? Option.some(reading.bytes) : Option.none()
  })
})

const invalid = (file: string, reason: string, errno = "") =>
  new ConfigInvalid({ kind: "file", file, at: "", reason, ...(errno !== "" && { errno }) })

const filesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return namesIn(directory).map((name) => Path.join(directory, name)).filter(isNoDirectory)
  } catch (error) {
    if (codeOf(error) === "ENOENT") return []
    throw error
  }
}

// Where there is no looking, reading it says why.
const isNoDirectory = (path: string): boolean =>
  orElse(true, () => Fs.lstatSync(locate(path), { throwIfNoEntry: false })?.isDirectory() === false)

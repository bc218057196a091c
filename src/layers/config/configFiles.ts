/** Reads networks and plugins from files, wherever these are. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as NetworkConfigList from "../../domain/config/NetworkConfigList.ts"
import * as PluginConfig from "../../domain/config/PluginConfig.ts"
import { ConfigInvalid, NetworkNotFound, NoNetworkConfigs } from "../../domain/errors/CniError.ts"
import { decodeText } from "../../domain/json/Json.ts"
import { placeOfPath } from "../../domain/json/JsonPosition.ts"
import { NetworkConfigs } from "../../services/network/NetworkConfigs.ts"
import { JsonLimit } from "../../services/Tunables.ts"

/** A place with files in it. */
export interface ConfigFiles {
  readonly directory: string
  /** Paths of the files (not directories) right in a directory, in byte order; none where there is no such directory. */
  readonly list: (directory: string) => Effect.Effect<ReadonlyArray<string>, ConfigInvalid>
  /** What a file holds; nothing if it is gone. */
  readonly read: (file: string) => Effect.Effect<Option.Option<Uint8Array>, ConfigInvalid>
  /** The directory of a network's drop-ins, for the file that defines it. */
  readonly dropInsOf: (file: string, network: string) => string
}

/** Files of a directory with one of these extensions, ordered by name. The extension begins at the last dot. */
export const filesWith = (files: ConfigFiles, directory: string, extensions: ReadonlyArray<string>) =>
  Effect.map(files.list(directory), (all) => all.filter((file) => extensions.includes(extensionOf(file))))

/** From the last dot of the name on. */
const extensionOf = (file: string): string => {
  const name = file.slice(file.lastIndexOf("/") + 1)
  const dot = name.lastIndexOf(".")
  return dot === -1 ? "" : name.slice(dot)
}

/** The error of a file that had to be there. */
export const missing = (file: string): ConfigInvalid =>
  new ConfigInvalid({ kind: "file", file, at: "", reason: "there is no such file", errno: "ENOENT" })

/** The list in a file, with its drop-ins. Nothing if the file is gone. */
export const listIn = Effect.fnUntraced(function*(files: ConfigFiles, file: string) {
  const bytes = yield* files.read(file)
  if (Option.isNone(bytes)) return Option.none<NetworkConfigList.NetworkConfigList>()
  const inlined = yield* inFile(file, NetworkConfigList.fromBytes(bytes.value, yield* JsonLimit))
  const list = inlined.loadOnlyInlinedPlugins
    ? inlined
    : { ...inlined, plugins: [...inlined.plugins, ...(yield* dropIns(files, file, inlined.name))] }
  if (list.plugins.length > 0) return Option.some(list)
  return yield* new ConfigInvalid({
    kind: "file",
    file,
    at: "plugins",
    reason: "no plugin configs found",
    hint: NetworkConfigList.hintForNoPlugins(bytes.value),
    position: placeOfPath(decodeText(bytes.value), "plugins")
  })
})

const dropIns = Effect.fnUntraced(function*(files: ConfigFiles, file: string, network: string) {
  const found = yield* filesWith(files, files.dropInsOf(file, network), [".conf"]).pipe(
    Effect.mapError(({ file: folder = "", reason }) =>
      new ConfigInvalid({ kind: "file", file, at: "", reason: `its drop-ins are looked for in ${folder}: ${reason}` })
    )
  )
  const plugins = yield* Effect.forEach(found, (dropIn) => pluginIn(files, dropIn))
  return plugins.flatMap(Option.toArray)
})

/** The plugin configuration in a file. Nothing if the file is gone. */
export const pluginIn = Effect.fnUntraced(function*(files: ConfigFiles, file: string) {
  const bytes = yield* files.read(file)
  const limits = yield* JsonLimit
  return yield* Effect.transposeOption(
    Option.map(bytes, (some) => inFile(file, PluginConfig.fromBytes(some, limits)))
  )
})

const inFile = <A>(file: string, reading: Effect.Effect<A, ConfigInvalid>): Effect.Effect<A, ConfigInvalid> =>
  Effect.mapError(
    reading,
    ({ at, hint, kind, position, reason }) =>
      new ConfigInvalid({ kind, file, at, reason, ...(hint !== undefined && { hint }), ...(position && { position }) })
  )

/** The list that the plugin configuration in a file stands for. Nothing if the file is gone. */
export const upconverted = (files: ConfigFiles, file: string) =>
  Effect.flatMap(
    pluginIn(files, file),
    (plugin) => Effect.transposeOption(Option.map(plugin, (some) => inFile(file, asList(some))))
  )

// The mistake is found in a list that stands in no file.
const asList = (plugin: PluginConfig.StandalonePluginConfig) =>
  Effect.mapBoth(
    NetworkConfigList.upconvert(plugin),
    {
      onSuccess: (list) => ({ ...list, source: plugin.bytes }),
      onFailure: ({ at, hint, kind, reason }) =>
        new ConfigInvalid({
          kind,
          at,
          reason,
          ...(hint !== undefined && { hint }),
          position: placeOfPath(decodeText(plugin.bytes), at)
        })
    }
  )

const lists = [".conflist"]
const singles = [".conf", ".json"]

/** The service over such a place. A file that is broken fails only a look-up that finds nothing better. */
export const make = (files: ConfigFiles): NetworkConfigs["Service"] =>
  NetworkConfigs.of({
    load: Effect.fn("NetworkConfigs.load")((name) =>
      search(files, name, [{ extensions: lists, load: listIn }, { extensions: singles, load: upconverted }])
    ),
    loadPlugin: Effect.fn("NetworkConfigs.loadPlugin")((name) =>
      search(files, name, [{ extensions: singles, load: pluginIn }])
    ),
    inFile: Effect.fn("NetworkConfigs.inFile")(function*(file) {
      const found = yield* lists.includes(extensionOf(file)) ? listIn(files, file) : upconverted(files, file)
      if (Option.isSome(found)) return found.value
      return yield* missing(file)
    }),
    all: everything(files).pipe(Effect.withSpan("NetworkConfigs.all"))
  })

const search = Effect.fnUntraced(function*<A extends { readonly name: string }>(
  files: ConfigFiles,
  name: string,
  kinds: ReadonlyArray<{
    readonly extensions: ReadonlyArray<string>
    readonly load: (files: ConfigFiles, file: string) => Effect.Effect<Option.Option<A>, ConfigInvalid>
  }>
) {
  const { directory } = files
  const others: Array<string> = []
  const broken: Array<ConfigInvalid> = []
  let count = 0
  for (const { extensions, load } of kinds) {
    for (const file of yield* filesWith(files, directory, extensions)) {
      count++
      const loaded = yield* Effect.result(load(files, file))
      if (Result.isFailure(loaded)) broken.push(loaded.failure)
      else if (Option.isSome(loaded.success)) {
        if (loaded.success.value.name === name) return loaded.success.value
        others.push(loaded.success.value.name)
      }
    }
  }
  const [first] = broken
  if (first !== undefined) return yield* first
  return yield* count === 0
    ? new NoNetworkConfigs({ directory })
    : new NetworkNotFound({ network: name, directory, known: others })
})

const everything = Effect.fnUntraced(function*(files: ConfigFiles) {
  const networks: Array<{ readonly file: string; readonly list: NetworkConfigList.NetworkConfigList }> = []
  const broken: Array<ConfigInvalid> = []
  const duplicates: Array<{ readonly name: string; readonly file: string }> = []
  for (const [extensions, load] of [[lists, listIn], [singles, upconverted]] as const) {
    for (const file of yield* filesWith(files, files.directory, extensions)) {
      const loaded = yield* Effect.result(load(files, file))
      if (Result.isFailure(loaded)) broken.push(loaded.failure)
      else if (Option.isSome(loaded.success)) {
        const list = loaded.success.value
        const isKnown = networks.some((network) => network.list.name === list.name)
        if (isKnown) duplicates.push({ name: list.name, file })
        else networks.push({ file, list })
      }
    }
  }
  return { networks, broken, duplicates }
})

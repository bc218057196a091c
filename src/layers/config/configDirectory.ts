/** How networks are found among the files of a directory, wherever these are. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as NetworkConfigList from "../../domain/config/NetworkConfigList.ts"
import { type ConfigInvalid, NetworkNotFound, NoNetworkConfigs } from "../../domain/errors/CniError.ts"
import { NetworkConfigs } from "../../services/network/NetworkConfigs.ts"
import { type ConfigFiles, extensionOf, filesWith, listIn, missing, pluginIn, upconverted } from "./configFiles.ts"

const lists = [".conflist"]
const singles = [".conf", ".json"]

/** The service over such a place. A file that is broken fails only a look-up that finds nothing better. */
export const make = (files: ConfigFiles): NetworkConfigs["Service"] => {
  const search = Effect.fnUntraced(function*<A>(
    name: string,
    kinds: ReadonlyArray<{
      readonly extensions: ReadonlyArray<string>
      readonly load: (file: string) => Effect.Effect<Option.Option<A>, ConfigInvalid>
      readonly nameOf: (loaded: A) => string
    }>
  ) {
    const known: Array<string> = []
    const broken: Array<ConfigInvalid> = []
    let count = 0
    for (const { extensions, load, nameOf } of kinds) {
      for (const file of yield* filesWith(files, files.directory, extensions)) {
        count++
        const loaded = yield* Effect.result(load(file))
        if (Result.isFailure(loaded)) broken.push(loaded.failure)
        else if (Option.isSome(loaded.success)) {
          const found = loaded.success.value
          if (nameOf(found) === name) return found
          known.push(nameOf(found))
        }
      }
    }
    const [first] = broken
    if (first !== undefined) return yield* first
    const { directory } = files
    return yield* count === 0
      ? new NoNetworkConfigs({ directory })
      : new NetworkNotFound({ network: name, directory, known })
  })

  const loadList = {
    extensions: lists,
    load: (file: string) => listIn(files, file),
    nameOf: (list: NetworkConfigList.NetworkConfigList) => list.name
  }
  const loadSingle = { ...loadList, extensions: singles, load: (file: string) => upconverted(files, file) }

  return NetworkConfigs.of({
    load: Effect.fn("NetworkConfigs.load")((name) => search(name, [loadList, loadSingle])),
    loadPlugin: Effect.fn("NetworkConfigs.loadPlugin")((name) =>
      search(name, [{ extensions: singles, load: (file) => pluginIn(files, file), nameOf: (plugin) => plugin.name }])
    ),
    inFile: Effect.fn("NetworkConfigs.inFile")(function*(file) {
      const found = yield* lists.includes(extensionOf(file)) ? listIn(files, file) : upconverted(files, file)
      if (Option.isSome(found)) return found.value
      return yield* missing(file)
    }),
    all: everything(files).pipe(Effect.withSpan("NetworkConfigs.all"))
  })
}

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

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

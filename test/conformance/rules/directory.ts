/** D1 and D18: a file that is broken, or has vanished, hides no good one. */
import { Effect, Result } from "effect"
import { NetworkConfigList } from "effect-cni"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Failure } from "../vector.ts"
import { networkIssue } from "./names.ts"
import { type Network, readNetwork, readPlugin, unreadable } from "./network.ts"
import type { Situation } from "./situation.ts"

type Loaded = Effect.Effect<Network | undefined, Failure>
type Load = (file: string) => Loaded

/** The list in a file, with its drop-ins; nothing if it has vanished. */
export const listIn = (situation: Situation): Load =>
  Effect.fnUntraced(function*(file) {
    const text = yield* textOf(file)
    if (text === undefined) return undefined
    const list = yield* readNetwork(situation, text)
    const dropIns = list.loadOnlyInlinedPlugins
      ? []
      : yield* filesIn(Path.join(Path.dirname(file), list.name), [".conf"])
    const added = yield* Effect.forEach(dropIns, (dropIn) => pluginIn(situation)(dropIn))
    const plugins = [...list.plugins, ...added.flatMap((one) => one?.plugins ?? [])]
    return plugins.length === 0 ? yield* Effect.fail(unreadable) : { ...list, plugins }
  })

/** The plugin in a file, as the network that it is. */
export const pluginIn = (situation: Situation): Load =>
  Effect.fnUntraced(function*(file) {
    const text = yield* textOf(file)
    return text === undefined ? undefined : yield* readPlugin(situation, text)
  })

/** The same, as a list. */
export const upconvertedIn = (situation: Situation): Load => (file) =>
  Effect.flatMap(
    pluginIn(situation)(file),
    (network) => network === undefined ? Effect.undefined : upconverted(situation)(network)
  )

/** The list that stands for a single plugin; its name is then a network's. */
export const upconverted =
  (situation: Situation) => ({ plugins: [plugin] }: Network): Effect.Effect<Network, Failure> => {
    if (plugin === undefined) return Effect.fail(unreadable)
    if (networkIssue(plugin.name) !== undefined) return situation.refuse("D1", unreadable)
    return Effect.mapError(NetworkConfigList.upconvert(plugin), () => unreadable)
  }

/** The first of a name among files of these kinds, one kind after the other. */
export const search = Effect.fnUntraced(function*(
  situation: Situation,
  directory: string,
  name: string,
  kinds: ReadonlyArray<{ readonly extensions: ReadonlyArray<string>; readonly load: Load }>
): Effect.fn.Return<Network, Failure> {
  const found = yield* Effect.forEach(
    kinds,
    ({ extensions, load }) =>
      Effect.map(filesIn(directory, extensions), (files) => files.map((file) => ({ file, load })))
  )
  const files = found.flat()
  let isBroken = false
  for (const { file, load } of files) {
    const loaded = yield* Effect.result(load(file))
    if (Result.isFailure(loaded)) isBroken = true
    else if (loaded.success === undefined) situation.require("D18")
    else if (loaded.success.name === name) {
      if (isBroken) situation.require("D18")
      return loaded.success
    }
  }
  if (isBroken) return yield* Effect.fail(unreadable)
  return yield* Effect.fail<Failure>({ tag: files.length === 0 ? "NoNetworkConfigs" : "NetworkNotFound" })
})

const filesIn = (
  directory: string,
  extensions: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, Failure> => {
  const stat = Fs.statSync(directory, { throwIfNoEntry: false })
  if (stat === undefined) return Effect.succeed([])
  if (!stat.isDirectory()) return Effect.fail(unreadable)
  const files = Fs.readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && extensions.includes(/\.[^.]*$/.exec(entry.name)?.[0] ?? ""))
  return Effect.succeed(
    files.map(({ name }) => Path.join(directory, name))
      .sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
  )
}

const textOf = (file: string): Effect.Effect<string | undefined, Failure> => {
  if (!Fs.existsSync(file)) return Effect.undefined
  return Fs.statSync(file).isFile() ? Effect.succeed(Fs.readFileSync(file, "utf8")) : Effect.fail(unreadable)
}

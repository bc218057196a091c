/** Finds plugins in an ordered list of directories. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { InvalidPluginType, PluginNotExecutable, PluginNotFound } from "../../domain/errors/CniError.ts"
import { codeOf, orElse } from "../../domain/errors/SystemError.ts"
import { inByteOrder } from "../../domain/json/Json.ts"
import {
  type InstalledPlugin,
  PluginDiscovery,
  type PluginDiscoveryError
} from "../../services/plugin/PluginDiscovery.ts"
import { kindOf, linkAt } from "../files/readRegularFile.ts"
import { wordsOf } from "../files/systemErrors.ts"

/** The plugins of these directories, the first one first. Empty elements are ignored. */
export const layer = (directories: ReadonlyArray<string>): Layer.Layer<PluginDiscovery> =>
  Layer.sync(PluginDiscovery, () => {
    const searched = directories.filter((directory) => directory !== "")
    return PluginDiscovery.of({
      searchPath: searched.join(Path.delimiter),
      installed: Effect.sync(() => searched.flatMap(installedIn)),
      fingerprint: (file) => Effect.sync(() => fingerprintOf(file)),
      find: (type) => Effect.suspend(() => find(type, searched))
    })
  })

const isWindows = process.platform === "win32"
const suffixes = isWindows ? [".exe", ""] : [""]

const find = (type: string, searched: ReadonlyArray<string>): Effect.Effect<string, PluginDiscoveryError> => {
  if (!isPluginType(type)) return Effect.fail(new InvalidPluginType({ plugin: type }))
  const candidates = searched.flatMap((directory) => suffixes.map((suffix) => Path.join(directory, type + suffix)))
  let refused: string | undefined
  for (const file of candidates) {
    const found = regularFile(file)
    if (found !== undefined && mayExecute(found)) return Effect.succeed(file)
    if (found !== undefined) refused ??= file
  }
  if (refused !== undefined) return Effect.fail(new PluginNotExecutable({ plugin: type, path: refused }))
  const passedOver = candidates.flatMap(whyPassedOver)
  return Effect.fail(new PluginNotFound({ plugin: type, searched, ...(passedOver.length > 0 && { passedOver }) }))
}

const isPluginType = (type: string): boolean =>
  type !== "" && !/[/\0]/.test(type) && !(isWindows && type.includes("\\"))

const regularFile = (file: string): Fs.Stats | undefined => {
  const stats = orElse(undefined, () => Fs.statSync(file, { throwIfNoEntry: false }))
  return stats?.isFile() === true ? stats : undefined
}

const mayExecute = ({ mode }: Fs.Stats): boolean => isWindows || (mode & anyoneMayExecute) !== 0

const anyoneMayExecute = 0o111

// Looked at only where nothing was found.
const whyPassedOver = (file: string): ReadonlyArray<string> => {
  try {
    return [`${file} is ${kindOf(Fs.statSync(file))}, not a regular file`]
  } catch (error) {
    const issue = codeOf(error) === "ENOENT" ? undefined : wordsOf(error)
    const target = linkAt(file)
    if (target === undefined) return issue === undefined ? [] : [`${file} cannot be looked at: ${issue}`]
    return [`${file} is a link to ${target}${issue === undefined ? ", where there is no file" : `: ${issue}`}`]
  }
}

const installedIn = (directory: string): ReadonlyArray<InstalledPlugin> =>
  inByteOrder(orElse([], () => Fs.readdirSync(directory))).flatMap((name) => {
    const path = Path.join(directory, name)
    const found = regularFile(path)
    const type = isWindows ? name.replace(/\.exe$/, "") : name
    return found === undefined ? [] : [{ type, path, isExecutable: mayExecute(found) }]
  })

const fingerprintOf = (file: string): string | undefined => {
  const found = regularFile(file)
  return found && [file, found.ino, found.size, found.mtimeMs].join("\0")
}

/** The directory of a scenario: plugins, configuration files, cache, and what else its vector asks for. */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { writeScriptedPlugin } from "./scriptedPlugin.ts"
import type { Fixture } from "./vector.ts"

/** Where things are in a scenario's directory; `runs` is where scripted plugins tell what they were asked. */
export interface Places {
  readonly root: string
  readonly bin: string
  readonly netconf: string
  readonly cache: string
  readonly results: string
  readonly runs: string
}

/** Makes the directory. Everything is done synchronously: no plugin is started while another is being written. */
export const makeFixture = (fixture: Fixture): Places => {
  const root = Fs.mkdtempSync(Path.join(Os.tmpdir(), "conformance-"))
  const cache = Path.join(root, "cache")
  const places: Places = {
    root,
    bin: Path.join(root, "bin"),
    netconf: Path.join(root, "net.d"),
    cache,
    results: Path.join(cache, "results"),
    runs: Path.join(root, ".runs")
  }
  for (const directory of [places.bin, places.netconf, places.cache, places.runs]) Fs.mkdirSync(directory)
  Object.entries(fixture.plugins).forEach(([type, replies], index) => {
    writeScriptedPlugin({ file: Path.join(places.bin, type), runs: places.runs, index, replies })
  })
  writeFiles(places.netconf, fixture.netconf)
  writeFiles(places.results, fixture.cache)
  for (const [path, entry] of Object.entries(fixture.tree ?? {})) makeEntry(Path.join(root, path), entry)
  return places
}

const writeFiles = (directory: string, files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) writeFile(Path.join(directory, name), text)
}

const writeFile = (file: string, text: string) => {
  Fs.mkdirSync(Path.dirname(file), { recursive: true })
  Fs.writeFileSync(file, text)
}

const makeEntry = (path: string, entry: NonNullable<Fixture["tree"]>[string]) => {
  Fs.mkdirSync(Path.dirname(path), { recursive: true })
  switch (entry.kind) {
    case "dir":
      Fs.mkdirSync(path, { recursive: true })
      break
    case "symlink":
      Fs.symlinkSync(entry.target, path)
      break
    case "file":
      Fs.rmSync(path, { force: true })
      Fs.writeFileSync(path, entry.text)
      Fs.chmodSync(path, Number.parseInt(entry.mode, 8))
  }
}

/** Removes the directory. */
export const removeFixture = ({ root }: Places): void => Fs.rmSync(root, { recursive: true, force: true })

/** A cache file as it is on disk: its text, or nothing for what cannot be read as a file. */
export type CacheFiles = ReadonlyMap<string, string>

/** The files under `results/`, by their path in it. */
export const cacheFiles = ({ results }: Places): CacheFiles => {
  const stat = Fs.statSync(results, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isDirectory()) return new Map()
  const names = Fs.readdirSync(results, { recursive: true, encoding: "utf8" })
  return new Map(
    names.filter((name) => Fs.statSync(Path.join(results, name)).isFile())
      .map((name) => [name, Fs.readFileSync(Path.join(results, name), "utf8")])
  )
}

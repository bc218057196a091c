/** How much code users get. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Buffer } from "node:buffer"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as process from "node:process"
import { rolldown } from "rolldown"

const root = Path.resolve(import.meta.dirname, "..", "..")

/** The size of an entry point's bundle in KiB, minified, with effect or without. */
export const bundleSize = (entry: string, withEffect: boolean): Effect.Effect<number> =>
  Effect.promise(async () => {
    const always = /^node:/
    const bundle = await rolldown({
      input: Path.join(root, "dist", entry),
      external: withEffect ? always : [always, /^(effect|@effect)\//],
      platform: "node"
    })
    const { output } = await bundle.generate({ format: "esm", minify: true })
    await bundle.close()
    return output.reduce((size, part) => size + (part.type === "chunk" ? Buffer.byteLength(part.code) : 0), 0) / 1024
  })

const command = Path.join(root, "dist", "cli")

/** The size of the command in KiB. */
export const commandSize = (): number =>
  Fs.readdirSync(command).reduce((size, name) => size + Fs.statSync(Path.join(command, name)).size, 0) / 1024

/** The size of the files of the command that a call loads, in KiB. */
export const loadedBy = (...args: ReadonlyArray<string>): Effect.Effect<number> =>
  Effect.sync(() => {
    const telling = Path.join(import.meta.dirname, "loaded.ts")
    const { stderr } = ChildProcess.spawnSync(
      process.execPath,
      ["--import", telling, Path.join(command, "effect-cni.cjs"), ...args],
      { encoding: "utf8" }
    )
    return readFiles(stderr).reduce((size, file) => size + Fs.statSync(file).size, 0) / 1024
  })

const readFiles = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.NonEmptyArray(Schema.String)))

/** How many modules an import loads in a new process. */
export const modulesOf = (specifier: string): Effect.Effect<number> =>
  Effect.sync(() => {
    const counter = Path.join(import.meta.dirname, "modules.ts")
    return Number(ChildProcess.execFileSync(process.execPath, [counter, specifier], { encoding: "utf8" }))
  })

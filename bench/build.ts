/** Builds what is measured and what it is measured with. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as process from "node:process"
import { rolldown } from "rolldown"

/** Commands without their setup, and directories of plugins of the types noop-a, noop-b and noop-c. */
export interface Programs {
  readonly ours: ReadonlyArray<string>
  readonly profiled: ReadonlyArray<string>
  readonly theirs: ReadonlyArray<string>
  readonly spawnLoop: string
  readonly noop: string
  /** Their DEL takes 20 ms. */
  readonly waiting: string
}

const root = Path.resolve(import.meta.dirname, "..")
export const pluginTypes = ["noop-a", "noop-b", "noop-c"]

/** Builds everything into a directory; the library itself into `dist`, where users get it from. */
export const build = Effect.fnUntraced(function*(directory: string) {
  run("npm", ["run", "-s", "build"])
  yield* subjectsIn(directory)
  const spawnLoop = Path.join(directory, "spawn-loop")
  run("cc", ["-O2", "-o", spawnLoop, source("c/spawnLoop.c")])
  return {
    ours: [process.execPath, Path.join(directory, "subject.mjs")],
    profiled: [process.execPath, Path.join(directory, "profiled.mjs")],
    theirs: [theirsIn(directory)],
    spawnLoop,
    noop: pluginsIn(Path.join(directory, "noop"), 0),
    waiting: pluginsIn(Path.join(directory, "waiting"), 20)
  } satisfies Programs
})

const run = (command: string, args: ReadonlyArray<string>, options: ChildProcess.SpawnSyncOptions = {}) =>
  ChildProcess.execFileSync(command, args, { cwd: root, stdio: ["ignore", 2, "inherit"], ...options })

const source = (name: string) => Path.join(import.meta.dirname, name)

const theirsIn = (directory: string): string => {
  const program = Path.join(directory, "libcni")
  const env = { ...process.env, GOPATH: "/usr/share/gocode", GO111MODULE: "off", GOFLAGS: "" }
  run("go", ["build", "-o", program, "."], { cwd: source("go"), env })
  return program
}

const pluginsIn = (directory: string, delMs: number): string => {
  Fs.mkdirSync(directory)
  const [first = "", ...others] = pluginTypes.map((type) => Path.join(directory, type))
  run("cc", ["-O2", "-static", `-DDEL_MS=${delMs}`, "-o", first, source("c/noop.c")])
  for (const other of others) Fs.copyFileSync(first, other)
  return directory
}

/** Our drivers as users' programs are: JavaScript, with the package in node_modules. */
const subjectsIn = (directory: string) =>
  Effect.promise(async () => {
    const modules = Path.join(directory, "node_modules")
    Fs.mkdirSync(modules)
    Fs.symlinkSync(root, Path.join(modules, "effect-cni"))
    Fs.symlinkSync(Path.join(root, "node_modules", "effect"), Path.join(modules, "effect"))
    const bundle = await rolldown({
      input: { subject: source("subject/main.ts"), profiled: source("profile/subject.ts") },
      external: /^(effect|effect-cni|node:.*)(\/|$)/
    })
    await bundle.write({ dir: directory, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" })
    await bundle.close()
  })

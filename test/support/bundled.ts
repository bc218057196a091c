/** Programs as users get them, in one file, which starts in a fraction of the time that the sources take. */
import { afterAll } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { rolldown } from "rolldown"
import { bundleCli } from "../../scripts/bundle-cli.ts"

const root = Path.resolve(import.meta.dirname, "../..")

/** A directory for the tests of this file, in which koffi is found. */
const makeDirectory = (): string => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-cni-bundle-"))
  afterAll(() => Fs.rmSync(directory, { recursive: true }))
  Fs.symlinkSync(Path.join(root, "node_modules"), Path.join(directory, "node_modules"))
  return directory
}

/** The command. */
export const bundledCommand = async (): Promise<string> => {
  const directory = makeDirectory()
  await bundleCli(directory)
  return Path.join(directory, "effect-cni.cjs")
}

/** Another program, with a first line that has Node run it. */
export const bundledProgram = async (source: string): Promise<string> => {
  const file = Path.join(makeDirectory(), "program.mjs")
  const bundle = await rolldown({
    input: source,
    platform: "node",
    external: ["koffi"],
    resolve: { conditionNames: ["effect-cni-source", "node", "import", "default"] }
  })
  await bundle.write({ file, codeSplitting: false })
  Fs.chmodSync(file, 0o755)
  return file
}

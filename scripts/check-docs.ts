/** Type-checks every example of the docstrings in `src` and of the guides, as a user's program would be. */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"

const root = Path.resolve(import.meta.dirname, "..")
const target = Path.join(root, ".docs-check")

const filesIn = (directory: string, extension: string): ReadonlyArray<string> =>
  Fs.readdirSync(Path.join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension))
    .map((name) => Path.join(directory, name))

const codeOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? "")

const docstrings = (text: string): string =>
  [...text.matchAll(/^[ ]*\/\*\*\n(.*?)\*\/$/gms)].map(([, body]) => (body ?? "").replaceAll(/^[ ]*\* ?/gm, "")).join(
    "\n"
  )

const examples = [
  ...filesIn("src", ".ts").flatMap((file) => codeOf(docstrings(read(file))).map((code) => ({ file, code }))),
  ...["README.md", ...filesIn("docs", ".md")].flatMap((file) => codeOf(read(file)).map((code) => ({ file, code })))
]

function read(file: string): string {
  return Fs.readFileSync(Path.join(root, file), "utf8")
}

Fs.rmSync(target, { recursive: true, force: true })
Fs.mkdirSync(target)
for (const [index, { code, file }] of examples.entries()) {
  const name = `${file.replaceAll(/[^A-Za-z0-9]/g, "_")}_${index}.ts`
  Fs.writeFileSync(Path.join(target, name), `// ${file}\n${code}\nexport {}\n`)
}
const config = { extends: "../tsconfig.json", compilerOptions: { noUnusedLocals: false }, include: ["*.ts"] }
Fs.writeFileSync(Path.join(target, "tsconfig.json"), JSON.stringify(config))

const { status } = spawnSync("tsc", ["-p", target], { stdio: "inherit", cwd: root })
console.log(status === 0 ? `${examples.length} examples type-check` : `Fix the examples above: see ${target}`)
process.exitCode = examples.length === 0 ? 1 : status ?? 1

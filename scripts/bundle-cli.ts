/** Bundles the `effect-cni` command into `dist/cli`: it must start in little more time than Node itself. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { type Plugin, rolldown } from "rolldown"
import packageJson from "../package.json" with { type: "json" }

const root = Path.resolve(import.meta.dirname, "..")
const published = Path.join(root, "dist", "cli")

const namespaces = /^import \* as (\w+) from "(node:\w+)";?$/gm
const names = /^import (\{[^}]*\}) from "(node:\w+)";?$/gm

/** Loaded before the program starts, so that there is nothing to put off. */
const present = new Set(["node:fs", "node:path"])

const builtin = (module: string) => `process.getBuiltinModule("${module}")`

/**
 * An import of a module of Node evaluates it, and every getter that it exports: of `node:fs`, that loads its streams. Asked
 * for by name, a module is loaded where it is first used, and of most nothing is.
 */
const builtinsOnDemand: Plugin = {
  name: "builtins-on-demand",
  transform: (code) => {
    const lazy = code
      .replace(namespaces, (_, name: string, module: string) =>
        present.has(module)
          ? `const ${name} = ${builtin(module)};`
          : `const ${name} = new Proxy({}, { get: (_, name) => ${builtin(module)}[name] });`)
      .replace(
        names,
        (_, list: string, module: string) => `const ${list.replaceAll(" as ", ": ")} = ${builtin(module)};`
      )
    return lazy === code ? null : { code: lazy, map: null }
  }
}

const segmenter = /const graphemeSegmenter = [^;]*;/

/** effect/cli makes a segmenter of graphemes when it is loaded, which takes 20 ms: half of what Node takes to start. */
const segmenterOnDemand: Plugin = {
  name: "segmenter-on-demand",
  transform: (code, id) => {
    if (!id.endsWith(Path.join("effect", "dist", "cli", "CliOutput.js"))) return null
    if (!segmenter.test(code)) throw new Error(`${id} has no segmenter any more: this step can go`)
    const made = `new Intl.Segmenter(undefined, { granularity: "grapheme" })`
    return {
      code: code.replace(
        segmenter,
        `let segmenter; const graphemeSegmenter = { segment: (text) => (segmenter ??= ${made}).segment(text) };`
      ),
      map: null
    }
  }
}

const cli = Path.join(root, "src", "programs", "cli")

/**
 * Before anything else: a Node that is too old stumbles over the program with a stack trace. Every Node must be able to
 * read it.
 */
const versionCheck = (minimum: string): string =>
  `(function (needed, own) {
  for (var at = 0; at < 3 && own[at] >= needed[at]; at++) if (own[at] > needed[at]) return;
  if (at === 3) return;
  process.stderr.write("error: effect-cni needs Node.js ${minimum} or newer, and this is " + process.versions.node + "\\n");
  process.exit(1);
})(${JSON.stringify(minimum.split(".").map(Number))}, process.versions.node.split(".").map(parseFloat));`

const minimumNode = packageJson.engines.node.replace(/^>=/, "")

/** What every call evaluates, and what the shortest does: one file is read sooner than twenty. */
const always = [Path.join(cli, "main.ts"), Path.join(cli, "handlers", "cnitool", "status.ts")]

/** Sees all modules, and then tells which of them some need. */
const modulesSeen = () => {
  const imports = new Map<string, ReadonlyArray<string>>()
  const seeing: Plugin = {
    name: "seeing",
    moduleParsed: ({ id, importedIds }) => {
      imports.set(id, importedIds)
    }
  }
  const neededBy = (from: ReadonlyArray<string>) => {
    let known: ReadonlySet<string> | undefined
    const needed = () => {
      const reached = new Set(from)
      for (const id of reached) for (const imported of imports.get(id) ?? []) reached.add(imported)
      return reached
    }
    return (id: string) => (known ??= needed()).has(id)
  }
  return { seeing, neededBy }
}

/** What keeps compiled code, and so must not load the program first. */
const start = Path.join(root, "src", "layers", "host", "compileCache.ts")

/** Writes the bundle; gives its size in bytes, by file. */
export const bundleCli = async (directory = published): Promise<Readonly<Record<string, number>>> => {
  const { neededBy, seeing } = modulesSeen()
  const bundle = await rolldown({
    input: { "effect-cni": Path.join(cli, "bin.ts") },
    platform: "node",
    // What these make and no module uses is left out, and not made at every start.
    treeshake: { manualPureFunctions: ["Schema", "Layer", "Context", "Config", "Schedule", "Data"] },
    plugins: [seeing, builtinsOnDemand, segmenterOnDemand],
    // CommonJS has none; effect reads its environment, which we give it.
    transform: { define: { "import.meta": "{}" } },
    resolve: { conditionNames: ["effect-cni-source", "node", "import", "default"] }
  })
  const { output } = await bundle.write({
    dir: directory,
    // Node loads a file of it in less time than an ES module.
    format: "cjs",
    banner: ({ isEntry }) => isEntry ? `#!/usr/bin/env node\n${versionCheck(minimumNode)}` : "",
    minify: true,
    codeSplitting: {
      groups: [{ name: "start", test: neededBy([start]) }, { name: "main", test: neededBy(always) }]
    },
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs"
  })
  Fs.chmodSync(Path.join(directory, "effect-cni.cjs"), 0o755)
  return Object.fromEntries(output.flatMap((file) => file.type === "chunk" ? [[file.fileName, file.code.length]] : []))
}

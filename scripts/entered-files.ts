/** Counts the files of src that one ADD, DEL, GC and `recover` enter: `node --conditions=effect-cni-source scripts/entered-files.ts [--list]`. */
import { Cni, NetworkConfigList } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { type Profiler, Session } from "node:inspector/promises"
import * as Os from "node:os"
import * as Path from "node:path"

const sources = new URL("../src", import.meta.url).href
const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-cni-entered-"))
const netns = Path.join(directory, "netns")
const refuse = Path.join(directory, "refuse")

const plugin = `#!/bin/sh
cat > /dev/null
if [ "$CNI_COMMAND" = DEL ] && [ -e "\${0%/*}/refuse" ]; then echo '{"code":100,"msg":"not now"}'; exit 1; fi
if [ "$CNI_COMMAND" = ADD ]; then echo '{"cniVersion":"1.1.0","ips":[{"address":"10.1.0.2/24"}]}'; fi
`

// The body of a module runs when it is loaded: only functions count.
const isEntered = ({ functions, url }: Profiler.ScriptCoverage) =>
  url.startsWith(sources) &&
  functions.some(({ ranges: [range] }) => range !== undefined && range.startOffset > 0 && range.count > 0)

const main = Effect.gen(function*() {
  Fs.writeFileSync(Path.join(directory, "noop"), plugin, { mode: 0o755 })
  Fs.writeFileSync(netns, "")
  const isNamespace = ChildProcess.spawnSync("unshare", [`--net=${netns}`, "true"]).status === 0
  if (!isNamespace) console.log("without root there is no network namespace to look into: some files fewer are entered")

  const network = yield* NetworkConfigList.fromText(
    JSON.stringify({ cniVersion: "1.1.0", name: "net", plugins: [{ type: "noop" }] })
  )
  const conf = { containerId: "c1", netns, ifName: "eth0" }
  // The first operation of a process makes what the later ones find.
  yield* Cni.addNetworkList(network, conf)
  yield* Cni.delNetworkList(network, conf)

  const session = new Session()
  session.connect()
  yield* Effect.promise(() => session.post("Profiler.enable"))
  yield* Effect.promise(() => session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false }))
  const entered = Effect.map(
    Effect.promise(() => session.post("Profiler.takePreciseCoverage")),
    ({ result }) => result.filter(isEntered).map(({ url }) => url.slice(sources.length)).sort()
  )
  const count = Effect.fnUntraced(function*<A, E>(name: string, operation: Effect.Effect<A, E, Cni>) {
    yield* entered
    yield* operation
    const files = yield* entered
    console.log(`${name}: ${files.length} files`)
    if (process.argv.includes("--list")) console.log(files.map((file) => `  ${file}`).join("\n"))
  })
  yield* count("ADD", Cni.addNetworkList(network, conf))
  yield* count("DEL", Cni.delNetworkList(network, conf))
  yield* Cni.addNetworkList(network, conf)
  yield* count("GC", Cni.gcNetworkList(network, { keep: [] }))
  yield* Cni.addNetworkList(network, conf)
  Fs.writeFileSync(refuse, "")
  yield* Effect.ignore(Cni.detach(network, conf))
  Fs.rmSync(refuse)
  yield* count("recover", Cni.recover)
}).pipe(
  Effect.provide(NodeCni.layer({ pluginPaths: [directory], cacheDir: Path.join(directory, "cache") })),
  Effect.ensuring(Effect.sync(() => {
    ChildProcess.spawnSync("umount", ["--lazy", netns])
    Fs.rmSync(directory, { recursive: true, force: true })
  }))
)

await Effect.runPromise(main)

/** A runtime that is killed while its plugin runs: others wait for the plugin, and for nothing else. */
import { assert, it } from "@effect/vitest"
import { Cni, NetworkConfigList, Tunables } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { bundledProgram } from "../support/bundled.ts"
import { contentOf, isAlive, temporaryDirectory, until, writePlugin } from "../support/directory.ts"

// It waits to be let go on, says when it is done, and does not care for SIGTERM.
const slow = (directory: string) => `
trap '' TERM
[ "$CNI_COMMAND" = ADD ] || { echo "$CNI_COMMAND" >> ${directory}/log; exit 0; }
echo $$ > ${directory}/pid
while [ ! -e ${directory}/go ]; do sleep 0.02; done
echo ADD >> ${directory}/log
echo '{"cniVersion":"1.1.0"}'
`

const runtime = await bundledProgram(Path.join(import.meta.dirname, "holder.ts"))

const killHolder = Effect.gen(function*() {
  const directory = yield* temporaryDirectory
  const [bin, cacheDir] = [Path.join(directory, "bin"), Path.join(directory, "cache")]
  writePlugin(bin, "slow", slow(directory))
  const holder = ChildProcess.spawn(process.execPath, [runtime, bin, cacheDir], { stdio: "inherit" })
  const plugin = Number(yield* contentOf(Path.join(directory, "pid")))
  holder.kill("SIGKILL")
  yield* until(() => holder.signalCode === "SIGKILL")
  const list = yield* NetworkConfigList.fromText(`{"cniVersion":"1.1.0","name":"n1","plugins":[{"type":"slow"}]}`)
  const detaching = Cni.delNetworkList(list, { containerId: "c1", netns: "/nowhere", ifName: "eth0" }).pipe(
    Effect.provide(NodeCni.layer({ pluginPaths: [bin], cacheDir }))
  )
  const log = () => Fs.readFileSync(Path.join(directory, "log"), "utf8")
  return { detaching, plugin, log, go: Effect.sync(() => Fs.writeFileSync(Path.join(directory, "go"), "")) }
})

it.live("a DEL waits for the plugin of a killed ADD, and then deletes", () =>
  Effect.gen(function*() {
    const { detaching, go, log, plugin } = yield* killHolder
    assert.isTrue(isAlive(plugin))
    yield* Effect.all([detaching, Effect.delay(go, "200 millis")], { concurrency: 2 })
    assert.strictEqual(log(), "ADD\nDEL\n")
  }))

it.live("a DEL ends the plugin of a killed ADD that does not end, and then deletes", () =>
  Effect.gen(function*() {
    const { detaching, log, plugin } = yield* killHolder
    yield* detaching.pipe(
      Effect.provideService(Tunables.OrphanWaitLimit, "100 millis"),
      Effect.provideService(Tunables.KillGrace, "100 millis")
    )
    assert.isFalse(isAlive(plugin))
    assert.strictEqual(log(), "DEL\n")
  }))

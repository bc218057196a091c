/** The `effect-cni` command with the reference plugins, in a real network namespace. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { temporaryDirectory, writeFile } from "../support/directory.ts"
import { missingForRealPlugins, referencePlugins, run, succeeds, unique } from "./support.ts"

const program = Path.join(import.meta.dirname, "../../src/programs/cli/bin.ts")

const namespace = Effect.acquireRelease(
  Effect.sync(() => {
    const name = unique("ns")
    run("ip", "netns", "add", name)
    return name
  }),
  (name) => Effect.sync(() => run("ip", "netns", "del", name))
)

const bridgeOn = (bridge: string, dataDir: string) => ({
  cniVersion: "1.0.0",
  name: "mynet",
  plugins: [{
    type: "bridge",
    bridge,
    ipam: { type: "host-local", dataDir, ranges: [[{ subnet: "10.213.77.0/24" }]] }
  }]
})

describe.skipIf(missingForRealPlugins.length > 0)("effect-cni with real plugins", () => {
  it.live("adds, checks and deletes an interface", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const bridge = unique("").replaceAll("-", "").slice(0, 12)
      yield* Effect.addFinalizer(() => Effect.sync(() => succeeds("ip", "link", "del", bridge)))
      const name = yield* namespace
      writeFile(directory, "conf/1.conflist", JSON.stringify(bridgeOn(bridge, `${directory}/ipam`)))
      const effectCni = (verb: string) =>
        ChildProcess.spawnSync(
          process.execPath,
          ["--conditions=effect-cni-source", program, verb, "mynet", `/run/netns/${name}`, "--cache-dir", directory],
          { encoding: "utf8", env: { ...process.env, NETCONFPATH: `${directory}/conf`, CNI_PATH: referencePlugins } }
        )
      const add = effectCni("add")
      assert.deepStrictEqual([add.status, add.stderr], [0, ""])
      const [, address = "none"] = /"address": "(10\.213\.77\.\d+)\/24"/.exec(add.stdout) ?? []
      assert.include(run("ip", "-n", name, "-4", "addr", "show", "eth0"), address)
      assert.deepStrictEqual(effectCni("check").status, 0)
      assert.deepStrictEqual(effectCni("del").status, 0)
      assert.isFalse(succeeds("ip", "-n", name, "link", "show", "eth0"))
      assert.notStrictEqual(effectCni("check").status, 0)
    }))
})

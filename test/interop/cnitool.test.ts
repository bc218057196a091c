/** Our command beside cnitool as this host's libcni makes it, and both taking turns: with plugins that tell, and real ones. */
import { assert, describe, it, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { carryOut, type Tool } from "../differential/host.ts"
import { differencesOf, type Observed } from "../differential/observed.ts"
import { Ours } from "../differential/ours.ts"
import { call } from "../differential/scenario.ts"
import { scenarios } from "../differential/scenarios/all.ts"
import { standInBy } from "../differential/tools.ts"
import {
  bridgePlugin,
  configuration,
  mention,
  missingForRealPlugins,
  noTraces,
  run,
  scratchContainer,
  scratchNetwork,
  traces
} from "../integration/support.ts"
import { temporaryDirectory, writeFile } from "../support/directory.ts"
import { buildOnLibcni, missingForLibcni } from "./runtimes.ts"

class Cnitool extends Context.Service<Cnitool, Tool>()("test/interop/Cnitool") {
  static readonly layer = Layer.effect(
    Cnitool,
    Effect.map(temporaryDirectory, (directory) => {
      const program = Path.join(directory, "cnitool")
      buildOnLibcni(Path.join(import.meta.dirname, "cnitool", "main.go"), program)
      return standInBy(program)
    })
  )
}

const tools = Effect.all({ cnitool: Cnitool, "effect-cni": Ours })
const withBoth = layer(Layer.merge(Cnitool.layer, Ours.layer), { excludeTestServices: true, timeout: "5 minutes" })

/** One attaches, the other one does the rest. */
const turns = (first: Tool, second: Tool): Tool => (directory, call) =>
  (call.args[0] === "add" ? first : second)(directory, call)

const older = new Set(["add", "check", "del"])
// What came with libcni 1.2 and 1.3.
const newer = /1\.1\.0|highest of several|dropped in|nothing in it/
const shared = scenarios.filter(({ calls, differs, name }) =>
  differs === undefined && !newer.test(name) && calls.every(({ args: [verb = ""] }) => older.has(verb))
)
const lives = shared.filter(({ calls }) => calls.map(({ args: [verb] }) => verb).join() === "add,check,del")

const pairs = [
  { adder: "cnitool", other: "effect-cni" },
  { adder: "effect-cni", other: "cnitool" }
] as const

/** Records name the namespace since libcni 1.2 only, and results were printed in another order. */
const newInForm = /^\d (stdout|records)$/
const attached = ({ records }: Observed): ReadonlyArray<string> => Object.keys(records)
const json = (text: string): unknown => text === "" ? "" : JSON.parse(text)

it("has libcni to compare the command with", ({ skip }) => mention(missingForLibcni, skip))

describe.skipIf(missingForLibcni.length > 0)("effect-cni and cnitool", () => {
  withBoth((it) => {
    it.effect.each(shared)("do the same: $name", (scenario) =>
      Effect.gen(function*() {
        const { cnitool, "effect-cni": ours } = yield* tools
        const theirs = yield* carryOut(cnitool, scenario)
        const own = yield* carryOut(ours, scenario)
        assert.deepStrictEqual(differencesOf(theirs, own).filter((place) => !newInForm.test(place)), [])
        assert.deepStrictEqual(own.map(({ stdout }) => json(stdout)), theirs.map(({ stdout }) => json(stdout)))
        assert.deepStrictEqual(own.map(attached), theirs.map(attached))
      }))

    it.effect.each(lives.flatMap((scenario) => pairs.map((pair) => ({ ...pair, ...scenario }))))(
      "take turns, $adder first: $name",
      ({ adder, other, ...scenario }) =>
        Effect.gen(function*() {
          const { [adder]: first, [other]: second, "effect-cni": ours } = yield* tools
          const alone = yield* carryOut(ours, scenario)
          const inTurns = yield* carryOut(turns(first, second), scenario)
          assert.deepStrictEqual(differencesOf(alone, inTurns).filter((place) => !newInForm.test(place)), [])
          assert.deepStrictEqual(inTurns.map(attached), alone.map(attached))
        })
    )
  })
})

describe.skipIf([...missingForLibcni, ...missingForRealPlugins].length > 0)(
  "effect-cni and cnitool on a bridge",
  () => {
    withBoth((it) => {
      it.effect.each(pairs)(
        "$other checks and detaches what $adder attached",
        ({ adder, other }) =>
          Effect.gen(function*() {
            const { [adder]: first, [other]: second } = yield* tools
            const network = yield* scratchNetwork
            const container = yield* scratchContainer(network)
            writeFile(network.directory, "conf/1.conflist", configuration(network, [bridgePlugin(network)]))
            const verb = (tool: Tool, name: string): number => {
              const told = tool(network.directory, call(name, network.name, container.conf.netns))
              const [program = "", ...args] = told.command
              const { status } = ChildProcess.spawnSync(program, args, {
                env: {
                  ...process.env,
                  NETCONFPATH: Path.join(network.directory, "conf"),
                  CNI_PATH: network.pluginPaths.join(":"),
                  ...told.environment
                }
              })
              return status ?? -1
            }
            assert.strictEqual(verb(first, "add"), 0)
            assert.strictEqual(traces(network, container).records.length, 1)
            assert.strictEqual(verb(second, "check"), 0)
            run("ip", "-n", container.namespace, "route", "del", "default")
            assert.strictEqual(verb(second, "check"), 1)
            assert.strictEqual(verb(second, "del"), 0)
            assert.deepStrictEqual(traces(network, container), noTraces)
          })
      )
    })
  }
)

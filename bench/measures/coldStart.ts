/** How long the command takes from its start to its end, to what Node itself takes. */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as process from "node:process"
import { pluginTypes } from "../build.ts"
import { PeerFailed } from "../peer.ts"
import { median } from "../rounds.ts"
import { newDirectory, type Side, type World } from "../world.ts"
import { comparing } from "./comparing.ts"

const [plugin = ""] = pluginTypes

export const coldStart = comparing([{ name: "cold-start", ours: "command", theirs: "node" }], (world) => {
  const status = [Path.resolve(import.meta.dirname, "../../dist/cli/effect-cni.cjs"), "status", "one"]
  const environment = environmentIn(world)
  return Effect.succeed({
    command: starts(world, status, environment),
    node: starts(world, ["-e", "0"], {})
  })
})

/** A host with one network; what Node keeps of the compiled command is there from the warm-up on. */
const environmentIn = (world: World) => {
  const directory = newDirectory(world)
  const network = { cniVersion: "1.1.0", name: "one", plugins: [{ type: plugin }] }
  Fs.writeFileSync(Path.join(directory, "1.conflist"), JSON.stringify(network))
  return { NETCONFPATH: directory, CNI_PATH: world.programs.noop, XDG_CACHE_HOME: directory }
}

/** The median of some starts, one after the other. */
const starts = (world: World, args: ReadonlyArray<string>, environment: Readonly<Record<string, string>>): Side => {
  const one = Effect.suspend(() => {
    const startedAt = performance.now()
    const { status, stderr } = ChildProcess.spawnSync(process.execPath, args, {
      env: { ...process.env, ...environment },
      encoding: "utf8"
    })
    return status === 0
      ? Effect.succeed(performance.now() - startedAt)
      : Effect.fail(new PeerFailed({ command: args.join(" "), stderr }))
  })
  const sample = Effect.map(Effect.replicateEffect(one, world.isQuick ? 5 : 15), median)
  return Effect.succeed({ sample, warmUp: Effect.replicateEffect(one, 2) })
}

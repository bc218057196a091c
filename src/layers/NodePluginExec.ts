/** Runs plugins as processes of this machine, started by `node:child_process`. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PluginExec } from "../services/PluginExec.ts"
import { execBy } from "./internal/execBy.ts"
import * as SparingSpawn from "./internal/sparingSpawn.ts"
import * as Spawn from "./internal/spawn.ts"

/**
 * Each run is a process of its own, in its own process group, with our environment and the CNI_* variables. One that is
 * interrupted, runs too long or writes too much gets SIGTERM, and after `KillGrace` SIGKILL, with all its group. A busy
 * executable is tried again by `BusyRetry`. Node takes death by a real-time signal (34 and more) for success, which
 * `PosixSpawnPluginExec` does not.
 *
 * Node forks for each run, which holds up this process, the longer the larger it is. Once that has taken 50 ms in all, a
 * second, small Node is started (70 MB, of which 20 are its own) and forked instead; where starts wait for each other, up to
 * four of them, and as many as there are processors. They end when nothing was run for a minute, when the layer's scope is
 * closed, and when this process ends. What they inherit is what this process was when they were started: a umask, limits,
 * capabilities or a cgroup of later do not reach them. After a change of user or groups they end; close the scope before
 * you give up privileges, so that no process has them any longer. If one dies, those that it was running are killed, and
 * count as killed. Where our program is not `node` (a single executable, Electron, a bundle), there is none.
 */
export const layer: Layer.Layer<PluginExec> = Layer.effect(
  PluginExec,
  Effect.acquireRelease(Effect.sync(() => SparingSpawn.make()), ({ end }) => Effect.sync(end)).pipe(
    Effect.map(({ launch }) => execBy(launch))
  )
)

/** As `layer`, but always forks this process: for those who may have no other process than their plugins'. */
export const layerForkingSelf: Layer.Layer<PluginExec> = Layer.succeed(PluginExec, execBy(Spawn.launch))

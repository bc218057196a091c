/** Runs plugins as processes of this machine, started by `node:child_process`. */
import * as Layer from "effect/Layer"
import { PluginExec } from "../../services/plugin/PluginExec.ts"
import { libcniExec } from "./child/runPluginOnce.ts"
import { spawn } from "./child/spawn.ts"

/**
 * Each run is a process that leads its own process group, with our environment and the CNI_* variables. One that is
 * interrupted, runs too long or writes too much gets SIGTERM, and after `KillGrace` SIGKILL, with all its group. A busy
 * executable is tried again by `BusyRetry`. Node takes death by a real-time signal (34 and more) for success, which
 * `PosixSpawnPluginExec` does not.
 *
 * Node forks this process for each run, which holds up its event loop, the longer the larger the process is: some 3 ms at
 * 120 MB, some 20 ms at 500 MB. `PosixSpawnPluginExec` does not fork.
 */
export const layer: Layer.Layer<PluginExec> = Layer.succeed(PluginExec, libcniExec(spawn))

/** Runs plugins as processes of this machine, started by posix_spawn: for Linux, with the optional package koffi. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PosixSpawnUnavailable } from "../../domain/errors/CniError.ts"
import { codeOf, messageOf } from "../../domain/errors/SystemError.ts"
import { PluginExec } from "../../services/plugin/PluginExec.ts"
import * as Koffi from "../process/koffi.ts"
import { libcniExec } from "./child/runPluginOnce.ts"
import type { Spawn } from "./child/spawn.ts"
import * as Libc from "./posix/libc.ts"
import * as PosixSpawn from "./posix/posixSpawn.ts"

/**
 * As `NodePluginExec`, but a start costs the same however large this process is, and holds up its event loop for a
 * fraction of the time: no memory is copied. Fails with `PosixSpawnUnavailable` where koffi is not installed or does not
 * load, and on other systems than Linux.
 *
 * @example
 * ```ts
 * import { NodeCni, PosixSpawnPluginExec } from "effect-cni/node"
 *
 * const CniLive = NodeCni.layer({
 *   pluginPaths: ["/opt/cni/bin"],
 *   cacheDir: "/var/lib/cni",
 *   exec: PosixSpawnPluginExec.layer
 * })
 * ```
 */
export const layer: Layer.Layer<PluginExec, PosixSpawnUnavailable> = Layer.effect(
  PluginExec,
  Effect.suspend(() => Effect.map(spawn === undefined ? load : Effect.succeed(spawn), libcniExec))
)

// One for all layers: it listens for signals.
let spawn: Spawn | undefined

const load = Effect.tryPromise({
  try: async () => {
    if (process.platform !== "linux") throw new Error("this is no Linux")
    return spawn ??= PosixSpawn.make(Libc.bind(await Koffi.load()))
  },
  catch: (error) => new PosixSpawnUnavailable({ reason: reasonOf(error) })
})

const reasonOf = (error: unknown): string =>
  codeOf(error) === "ERR_MODULE_NOT_FOUND" ? "the package koffi is not installed" : messageOf(error)

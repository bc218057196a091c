/** One run of one plugin of a chain: from its configuration to its answer. */
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Command, PluginError } from "../../domain/CniError.ts"
import type { CniResult } from "../../domain/CniResult.ts"
import type { PluginConfig } from "../../domain/PluginConfig.ts"
import * as PluginReply from "../../domain/PluginReply.ts"
import * as PluginRequest from "../../domain/PluginRequest.ts"
import { PluginDiscovery, type PluginDiscoveryError } from "../../services/PluginDiscovery.ts"
import { PluginExec, type PluginExecError } from "../../services/PluginExec.ts"
import { OutputLimit, PluginStderr, PluginTimeLimit } from "../../services/Tunables.ts"
import type { Target } from "./target.ts"

/** A plugin and the executable that it was resolved to. */
export interface LocatedPlugin {
  readonly plugin: PluginConfig
  readonly path: string
}

/** Finds a plugin's executable. */
export const locate = Effect.fnUntraced(function*(
  plugin: PluginConfig
): Effect.fn.Return<LocatedPlugin, PluginDiscoveryError, PluginDiscovery> {
  const discovery = yield* PluginDiscovery
  return { plugin, path: yield* discovery.find(plugin.type) }
})

/** ADD: the plugin's result. */
export const add = Effect.fnUntraced(function*(
  target: Target,
  located: LocatedPlugin,
  prevResult: CniResult | undefined
): Effect.fn.Return<CniResult, PluginExecError | PluginError, PluginExec | PluginDiscovery> {
  const { invocation, outcome } = yield* run("ADD", target, located, prevResult)
  const { stdout } = yield* OutputLimit
  return yield* Effect.fromResult(PluginReply.result(invocation, outcome, target.list.cniVersion, stdout))
})

/** CHECK or DEL: nothing, if the plugin is content. `timeLimitMs` goes before the tuned one. */
export const tell = Effect.fnUntraced(function*(
  command: "CHECK" | "DEL",
  target: Target,
  plugin: PluginConfig,
  prevResult: CniResult | undefined,
  timeLimitMs?: number
): Effect.fn.Return<void, TellError, PluginExec | PluginDiscovery> {
  const located = yield* locate(plugin)
  const { invocation, outcome } = yield* run(command, target, located, prevResult, timeLimitMs)
  return yield* Effect.fromResult(PluginReply.acknowledged(invocation, outcome))
})

/** Why a plugin could not be told, or refused. */
export type TellError = PluginExecError | PluginError | PluginDiscoveryError

const run = Effect.fnUntraced(function*(
  command: Command,
  { conf, key, list }: Target,
  { path, plugin }: LocatedPlugin,
  prevResult: CniResult | undefined,
  timeLimitMs?: number
) {
  const exec = yield* PluginExec
  const { searchPath } = yield* PluginDiscovery
  const limitOf = yield* PluginTimeLimit
  const invocation: PluginRequest.PluginInvocation = {
    plugin: plugin.type,
    path,
    command,
    ...key,
    environment: PluginRequest.environment(command, conf, searchPath),
    stdin: PluginRequest.stdin(plugin, {
      name: list.name,
      cniVersion: list.cniVersion,
      capabilityArgs: conf.capabilityArgs ?? {},
      prevResult
    }),
    timeLimitMs: timeLimitMs ?? Duration.toMillis(limitOf(command))
  }
  const outcome = yield* exec.run(invocation)
  yield* passOnStderr(invocation, outcome)
  return { invocation, outcome }
})

// What a failed plugin wrote is in its error.
const passOnStderr = Effect.fnUntraced(function*(
  { command, plugin }: PluginRequest.PluginInvocation,
  { exit, stderr }: PluginReply.PluginOutcome
) {
  if (stderr === "" || exit._tag === "Signalled" || exit.status !== 0) return
  const destination = yield* PluginStderr
  if (destination === "nowhere") return
  if (destination === "stderr") return yield* Console.error(stderr.trimEnd())
  yield* Effect.logWithLevel(destination)(stderr.trimEnd()).pipe(
    Effect.annotateLogs({ "cni.plugin": plugin, "cni.command": command })
  )
})

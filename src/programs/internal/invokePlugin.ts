/** One run of one plugin of a chain: from its configuration to its answer. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  type Command,
  InvalidPluginType,
  PluginError,
  PluginNotExecutable,
  PluginNotFound
} from "../../domain/CniError.ts"
import type { CniResult } from "../../domain/CniResult.ts"
import { type JsonObject, stringify } from "../../domain/Json.ts"
import type { NetworkConfigList } from "../../domain/NetworkConfigList.ts"
import type { PluginConfig } from "../../domain/PluginConfig.ts"
import * as PluginReply from "../../domain/PluginReply.ts"
import * as PluginRequest from "../../domain/PluginRequest.ts"
import { retryIf } from "../../services/internal/retryIf.ts"
import { PluginDiscovery, type PluginDiscoveryError } from "../../services/PluginDiscovery.ts"
import { type OnStart, PluginExec, type PluginExecError } from "../../services/PluginExec.ts"
import { OutputLimit, PluginTimeLimit, TryAgainRetry } from "../../services/Tunables.ts"
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
  const path = yield* Effect.mapError(discovery.find(plugin.type), (error) => withName(error, plugin.name))
  return { plugin, path }
})

const withName = (error: PluginDiscoveryError, pluginName: string): PluginDiscoveryError => {
  const { plugin } = error
  if (pluginName === "") return error
  switch (error._tag) {
    case "PluginNotFound":
      return new PluginNotFound({ plugin, pluginName, searched: error.searched })
    case "PluginNotExecutable":
      return new PluginNotExecutable({ plugin, pluginName, path: error.path })
    case "InvalidPluginType":
      return new InvalidPluginType({ plugin, pluginName })
  }
}

/** Who is told of each process that a run starts. */
export type Watch = (command: Command, path: string) => OnStart

/** How a run differs from the others: `timeLimitMs` goes before the tuned one. */
export interface RunOptions {
  readonly watch?: Watch | undefined
  readonly timeLimitMs?: number
}

/** ADD: the plugin's result. */
export const add = Effect.fnUntraced(function*(
  target: Target,
  located: LocatedPlugin,
  prevResult: CniResult | undefined,
  watch: Watch | undefined
): Effect.fn.Return<CniResult, PluginExecError | PluginError, PluginExec | PluginDiscovery> {
  const { invocation, outcome } = yield* run(
    "ADD",
    target,
    located,
    attachmentRequest(target, located.plugin, prevResult),
    { watch }
  )
  const { stdout } = yield* OutputLimit
  const { dialect } = yield* PluginExec
  return yield* Effect.fromResult(PluginReply.result(invocation, outcome, target.list.cniVersion, stdout, dialect))
})

/** Why a plugin could not be told, or refused. */
export type TellError = PluginExecError | PluginError | PluginDiscoveryError

/** CHECK or DEL: nothing, if the plugin is content. */
export const tell = (
  command: "CHECK" | "DEL",
  target: Target,
  plugin: PluginConfig,
  prevResult: CniResult | undefined,
  options: RunOptions = {}
): Effect.Effect<void, TellError, PluginExec | PluginDiscovery> =>
  order(command, target, plugin, attachmentRequest(target, plugin, prevResult), options)

/** GC or STATUS, which are about the network and no container of it; `members` go into the plugin's configuration. */
export const tellOfNetwork = (
  command: "GC" | "STATUS",
  { cniVersion, name }: NetworkConfigList,
  plugin: PluginConfig,
  members: JsonObject,
  watch?: Watch
): Effect.Effect<void, TellError, PluginExec | PluginDiscovery> =>
  order(
    command,
    { conf: nobody, key: { network: name, ...nobody } },
    plugin,
    stringify({ ...plugin.json, name, cniVersion, ...members }),
    { watch }
  )

const nobody = { containerId: "", ifName: "" }

const attachmentRequest = ({ conf, list }: Target, plugin: PluginConfig, prevResult: CniResult | undefined): string =>
  PluginRequest.stdin(plugin, {
    name: list.name,
    cniVersion: list.cniVersion,
    capabilityArgs: conf.capabilityArgs ?? {},
    prevResult
  })

const order = Effect.fnUntraced(function*(
  command: Command,
  about: Pick<Target, "conf" | "key">,
  plugin: PluginConfig,
  stdin: string,
  options: RunOptions
) {
  const { dialect } = yield* PluginExec
  const located = yield* locate(plugin)
  const asking = Effect.flatMap(
    run(command, about, located, stdin, options),
    ({ invocation, outcome }) => Effect.fromResult(PluginReply.acknowledged(invocation, outcome, dialect))
  )
  return yield* retryIf(asking, isTryAgain, TryAgainRetry)
})

/** Whether a plugin said "try again later" (spec, section 5 "Error": code 11). */
export const isTryAgain = (error: unknown): boolean => isPluginError(error) && error.code === 11

const isPluginError = Schema.is(PluginError)

const run = Effect.fnUntraced(function*(
  command: Command,
  { conf, key }: Pick<Target, "conf" | "key">,
  { path, plugin }: LocatedPlugin,
  stdin: string,
  { timeLimitMs, watch }: RunOptions
) {
  const exec = yield* PluginExec
  const { searchPath } = yield* PluginDiscovery
  const limitOf = yield* PluginTimeLimit
  const invocation: PluginRequest.PluginInvocation = {
    plugin: plugin.type,
    ...(plugin.name !== "" && { pluginName: plugin.name }),
    path,
    command,
    ...key,
    environment: PluginRequest.environment(command, conf, searchPath),
    stdin,
    timeLimitMs: timeLimitMs ?? Duration.toMillis(limitOf(command))
  }
  const outcome = yield* exec.run(invocation, watch?.(command, path))
  return { invocation, outcome }
})

/** One run of one plugin of a chain: from its configuration to its answer. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { NetworkConfigList } from "../../domain/config/NetworkConfigList.ts"
import type { PluginConfig } from "../../domain/config/PluginConfig.ts"
import {
  type Command,
  InvalidPluginType,
  PluginError,
  PluginNotExecutable,
  PluginNotFound
} from "../../domain/errors/CniError.ts"
import { type JsonObject, stringify } from "../../domain/json/Json.ts"
import * as PluginReply from "../../domain/plugin/PluginReply.ts"
import * as PluginRequest from "../../domain/plugin/PluginRequest.ts"
import type { CniResult } from "../../domain/result/CniResult.ts"
import { PluginDiscovery, type PluginDiscoveryError } from "../../services/plugin/PluginDiscovery.ts"
import { type OnStart, PluginExec, type PluginExecError } from "../../services/plugin/PluginExec.ts"
import { OutputLimit, PluginTimeLimit, TryAgainRetry } from "../../services/Tunables.ts"
import type { ValidatedAttachment } from "../attachment/ValidatedAttachment.ts"

/** A plugin and the executable that it was resolved to. */
export interface LocatedPlugin {
  readonly plugin: PluginConfig
  readonly path: string
}

/** Finds a plugin's executable. */
export const locate = (
  plugin: PluginConfig
): Effect.Effect<LocatedPlugin, PluginDiscoveryError, PluginDiscovery> =>
  PluginDiscovery.use((discovery) =>
    discovery.find(plugin.type).pipe(
      Effect.mapBoth({ onFailure: (error) => withName(error, plugin.name), onSuccess: (path) => ({ plugin, path }) })
    )
  )

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

/** Notes each process that a run starts. */
export type OnPluginStart = (command: Command, path: string) => OnStart

/** How a run differs from the others: `timeLimitMs` goes before the tuned one. */
export interface RunOptions {
  readonly started?: OnPluginStart | undefined
  readonly timeLimitMs?: number
}

/** ADD: gives the plugin's result. */
export const add = Effect.fnUntraced(function*(
  attachment: ValidatedAttachment,
  located: LocatedPlugin,
  prevResult: CniResult | undefined,
  started: OnPluginStart | undefined
) {
  const stdin = attachmentRequest(attachment, located.plugin, prevResult)
  const { dialect, invocation, outcome } = yield* run("ADD", attachment, located, stdin, { started })
  const { stdout } = yield* OutputLimit
  return yield* Effect.fromResult(
    PluginReply.result(invocation, outcome, attachment.list.cniVersion, stdout, dialect)
  )
})

/** Why a plugin could not be told, or refused. */
export type TellError = PluginExecError | PluginError | PluginDiscoveryError

/** CHECK or DEL: succeeds if the plugin does. */
export const tell = (
  command: "CHECK" | "DEL",
  attachment: ValidatedAttachment,
  plugin: PluginConfig,
  prevResult: CniResult | undefined,
  options: RunOptions = {}
): Effect.Effect<void, TellError, PluginExec | PluginDiscovery> =>
  order(command, attachment, plugin, attachmentRequest(attachment, plugin, prevResult), options)

/** GC or STATUS, which are about the network and no container of it; `members` go into the plugin's configuration. */
export const tellOfNetwork = (
  command: "GC" | "STATUS",
  { cniVersion, name }: NetworkConfigList,
  plugin: PluginConfig,
  members: JsonObject,
  started?: OnPluginStart
): Effect.Effect<void, TellError, PluginExec | PluginDiscovery> =>
  order(
    command,
    { conf: noContainer, key: { network: name, ...noContainer } },
    plugin,
    stringify({ ...plugin.json, name, cniVersion, ...members }),
    { started }
  )

const noContainer = { containerId: "", ifName: "" }

const attachmentRequest = (
  { conf, list }: ValidatedAttachment,
  plugin: PluginConfig,
  prevResult: CniResult | undefined
): string =>
  PluginRequest.stdin(plugin, {
    name: list.name,
    cniVersion: list.cniVersion,
    capabilityArgs: conf.capabilityArgs ?? {},
    prevResult
  })

const order = Effect.fnUntraced(function*(
  command: Command,
  about: Pick<ValidatedAttachment, "conf" | "key">,
  plugin: PluginConfig,
  stdin: string,
  options: RunOptions
) {
  const located = yield* locate(plugin)
  const asking = Effect.flatMap(
    run(command, about, located, stdin, options),
    ({ dialect, invocation, outcome }) => Effect.fromResult(PluginReply.acknowledged(invocation, outcome, dialect))
  )
  yield* Effect.retry(asking, { while: isTryAgain, schedule: yield* TryAgainRetry })
})

/** Whether a plugin said "try again later" (spec, section 5 "Error": code 11). */
export const isTryAgain = (error: unknown): boolean => isPluginError(error) && error.code === 11

const isPluginError = Schema.is(PluginError)

const run = Effect.fnUntraced(function*(
  command: Command,
  { conf, key }: Pick<ValidatedAttachment, "conf" | "key">,
  { path, plugin }: LocatedPlugin,
  stdin: string,
  { started, timeLimitMs }: RunOptions
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
  return { dialect: exec.dialect, invocation, outcome: yield* exec.run(invocation, started?.(command, path)) }
})

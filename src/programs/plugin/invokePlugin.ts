/** One run of one plugin of a chain: from its configuration to its answer. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
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
import type { Dialect } from "../../domain/errors/ErrorText.ts"
import { type JsonLimits, type JsonObject, stringify } from "../../domain/json/Json.ts"
import * as PluginReply from "../../domain/plugin/PluginReply.ts"
import * as PluginRequest from "../../domain/plugin/PluginRequest.ts"
import type { CniResult } from "../../domain/result/CniResult.ts"
import { PluginDiscovery, type PluginDiscoveryError } from "../../services/plugin/PluginDiscovery.ts"
import { type OnStart, PluginExec, type PluginExecError } from "../../services/plugin/PluginExec.ts"
import { retryIf } from "../../services/time/retryIf.ts"
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

/** ADD: the plugin's result. */
export const add = (
  attachment: ValidatedAttachment,
  located: LocatedPlugin,
  prevResult: CniResult | undefined,
  started: OnPluginStart | undefined
): Effect.Effect<CniResult, PluginExecError | PluginError, PluginExec | PluginDiscovery> =>
  run(
    "ADD",
    attachment,
    located,
    attachmentRequest(attachment, located.plugin, prevResult),
    { started },
    ({ dialect, invocation, outcome, stdout }) =>
      PluginReply.result(invocation, outcome, attachment.list.cniVersion, stdout, dialect)
  )

/** Why a plugin could not be told, or refused. */
export type TellError = PluginExecError | PluginError | PluginDiscoveryError

/** CHECK or DEL: nothing, if the plugin is content. */
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

const order = (
  command: Command,
  about: Pick<ValidatedAttachment, "conf" | "key">,
  plugin: PluginConfig,
  stdin: string,
  options: RunOptions
): Effect.Effect<void, TellError, PluginExec | PluginDiscovery> =>
  Effect.flatMap(locate(plugin), (located) => {
    const asking = run(command, about, located, stdin, options, ({ dialect, invocation, outcome }) =>
      PluginReply.acknowledged(invocation, outcome, dialect))
    return retryIf(asking, isTryAgain, TryAgainRetry)
  })

/** Whether a plugin said "try again later" (spec, section 5 "Error": code 11). */
export const isTryAgain = (error: unknown): boolean => isPluginError(error) && error.code === 11

const isPluginError = Schema.is(PluginError)

interface Answered {
  readonly invocation: PluginRequest.PluginInvocation
  readonly outcome: PluginReply.PluginOutcome
  readonly dialect: Dialect
  readonly stdout: JsonLimits
}

// What is needed of the context is looked up at once: this is done for each plugin of each chain.
const run = <A, E>(
  command: Command,
  { conf, key }: Pick<ValidatedAttachment, "conf" | "key">,
  { path, plugin }: LocatedPlugin,
  stdin: string,
  { started, timeLimitMs }: RunOptions,
  read: (answered: Answered) => Result.Result<A, E>
): Effect.Effect<A, PluginExecError | E, PluginExec | PluginDiscovery> =>
  Effect.contextWith((context: Context.Context<PluginExec | PluginDiscovery>) => {
    const exec = Context.get(context, PluginExec)
    const invocation: PluginRequest.PluginInvocation = {
      plugin: plugin.type,
      ...(plugin.name !== "" && { pluginName: plugin.name }),
      path,
      command,
      ...key,
      environment: PluginRequest.environment(command, conf, Context.get(context, PluginDiscovery).searchPath),
      stdin,
      timeLimitMs: timeLimitMs ?? Duration.toMillis(Context.get(context, PluginTimeLimit)(command))
    }
    const { stdout } = Context.get(context, OutputLimit)
    return Effect.flatMap(
      exec.run(invocation, started?.(command, path)),
      (outcome) => Effect.fromResult(read({ invocation, outcome, dialect: exec.dialect, stdout }))
    )
  })

/** Lets another plugin do part of a plugin's work, such as managing addresses (spec, section 4 "Delegated plugins"). */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Command, PluginError } from "../../domain/errors/CniError.ts"
import type { PluginCall } from "../../domain/plugin/PluginCall.ts"
import * as PluginReply from "../../domain/plugin/PluginReply.ts"
import type { PluginInvocation } from "../../domain/plugin/PluginRequest.ts"
import type { CniResult } from "../../domain/result/CniResult.ts"
import { PluginDiscovery, type PluginDiscoveryError } from "../../services/plugin/PluginDiscovery.ts"
import { PluginExec, type PluginExecError } from "../../services/plugin/PluginExec.ts"
import { PluginStdio } from "../../services/plugin/PluginStdio.ts"
import { OutputLimit, PluginTimeLimit } from "../../services/Tunables.ts"

/** Why a delegate could not do it. */
export type DelegateError = PluginDiscoveryError | PluginExecError | PluginError

/** What delegation needs. */
export type DelegateRequirements = PluginStdio | PluginExec | PluginDiscovery

/** What is delegated: the call that the plugin got, to which plugin, and with another configuration than its own if given. */
export interface Delegation {
  readonly call: PluginCall
  readonly type: string
  readonly stdin?: string
}

/**
 * Runs another plugin of CNI_PATH with ADD, in the plugin's own environment and on its own stdin, and gives its result.
 *
 * Fails with `InvalidPluginType`, `PluginNotFound` or `PluginNotExecutable` when there is no such plugin, with
 * `PluginSpawnFailed`, `PluginTimeout` or `PluginOutputInvalid` when it could not be run, with `PluginError` when it
 * refused.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { delegateAdd, PluginCall } from "effect-cni"
 *
 * const addresses = (call: PluginCall.PluginCall) =>
 *   delegateAdd({ call, type: "host-local" }).pipe(
 *     Effect.mapError(({ message }) => new PluginCall.PluginFailure({ code: 100, msg: message }))
 *   )
 * ```
 */
export const delegateAdd: (
  delegation: Delegation
) => Effect.Effect<CniResult, DelegateError, DelegateRequirements> = Effect.fn("delegateAdd")(function*(delegation) {
  const { dialect, invocation, outcome } = yield* run("ADD", delegation)
  const { stdout } = yield* OutputLimit
  return yield* Effect.fromResult(
    PluginReply.result(invocation, outcome, delegation.call.cniVersion, stdout, dialect)
  )
})

type Telling = (delegation: Delegation) => Effect.Effect<void, DelegateError, DelegateRequirements>

const telling = (command: Exclude<Command, "ADD" | "VERSION">): Telling =>
  Effect.fn(`delegate${command}`)(function*(delegation: Delegation) {
    const { dialect, invocation, outcome } = yield* run(command, delegation)
    yield* Effect.fromResult(PluginReply.acknowledged(invocation, outcome, dialect))
  })

/** {@link delegateAdd} for CHECK. */
export const delegateCheck: Telling = telling("CHECK")

/** {@link delegateAdd} for DEL. */
export const delegateDel: Telling = telling("DEL")

/** {@link delegateAdd} for STATUS. */
export const delegateStatus: Telling = telling("STATUS")

/** {@link delegateAdd} for GC. */
export const delegateGc: Telling = telling("GC")

const variables = ["CNI_CONTAINERID", "CNI_NETNS", "CNI_ARGS", "CNI_IFNAME", "CNI_PATH"]

const run = Effect.fnUntraced(function*(command: Command, { call, stdin, type }: Delegation) {
  const exec = yield* PluginExec
  const { environment } = yield* PluginStdio
  const limitOf = yield* PluginTimeLimit
  const path = yield* (yield* PluginDiscovery).find(type)
  const invocation: PluginInvocation = {
    plugin: type,
    path,
    command,
    network: call.network,
    containerId: call.containerId,
    ifName: call.ifName,
    environment: {
      ...Object.fromEntries(variables.map((name) => [name, environment[name] ?? ""])),
      CNI_COMMAND: command
    },
    stdin: stdin ?? call.stdin,
    timeLimitMs: Duration.toMillis(limitOf(command))
  }
  return { dialect: exec.dialect, invocation, outcome: yield* exec.run(invocation) }
})

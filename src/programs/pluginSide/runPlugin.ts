/** Writes a plugin: from what it does for each command to a whole program that speaks the protocol. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as CniVersion from "../../domain/config/CniVersion.ts"
import type { JsonObject } from "../../domain/json/Json.ts"
import * as PluginCall from "../../domain/plugin/PluginCall.ts"
import { PluginStdio } from "../../services/plugin/PluginStdio.ts"

/** What a plugin does when it is asked; what it does not know of it refuses, as the specification has it, with code 4. */
export interface PluginHandlers<R = never> {
  /** Gives the result, in the terms of 1.x or of the version that it names; it is converted to the one asked for. */
  readonly ADD: (call: PluginCall.PluginCall) => Effect.Effect<JsonObject, PluginCall.PluginFailure, R>
  readonly DEL: (call: PluginCall.PluginCall) => Effect.Effect<void, PluginCall.PluginFailure, R>
  readonly CHECK?: (call: PluginCall.PluginCall) => Effect.Effect<void, PluginCall.PluginFailure, R>
  readonly GC?: (call: PluginCall.PluginCall) => Effect.Effect<void, PluginCall.PluginFailure, R>
  readonly STATUS?: (call: PluginCall.PluginCall) => Effect.Effect<void, PluginCall.PluginFailure, R>
  /** The versions that it speaks; all that we know by default. */
  readonly supportedVersions?: ReadonlyArray<string>
}

/**
 * Reads what is asked, does it, and answers with the result or the refusal: the main program of a plugin. It answers
 * VERSION itself, and refuses a version that is not supported with code 1. It never fails: a failure is an answer.
 *
 * @example
 * ```ts
 * import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
 * import { Effect } from "effect"
 * import { runPlugin } from "effect-cni"
 * import { NodePlugin } from "effect-cni/node"
 *
 * runPlugin({
 *   ADD: ({ ifName }) => Effect.succeed({ interfaces: [{ name: ifName }], ips: [{ address: "10.1.0.5/24", interface: 0 }] }),
 *   DEL: () => Effect.void
 * }).pipe(Effect.provide(NodePlugin.layer), NodeRuntime.runMain)
 * ```
 */
export const runPlugin: <R = never>(handlers: PluginHandlers<R>) => Effect.Effect<void, never, PluginStdio | R> = Effect
  .fn("runPlugin")(function*<R>(handlers: PluginHandlers<R>) {
    const { answer, environment, stdin } = yield* PluginStdio
    const call = yield* Effect.result(read(handlers, environment, stdin))
    const cniVersion = Result.isSuccess(call) && call.success ? call.success.cniVersion : ""
    const done = yield* Effect.result(Effect.flatMap(Effect.fromResult(call), (some) => perform(handlers, some)))
    yield* Result.isSuccess(done)
      ? answer(done.success, 0)
      : answer(PluginCall.encodeFailure(done.failure, cniVersion), 1)
  })

const read = Effect.fnUntraced(function*<R>(
  handlers: PluginHandlers<R>,
  environment: PluginCall.Environment,
  stdin: Effect.Effect<string, PluginCall.PluginFailure>
) {
  const command = yield* Effect.fromResult(PluginCall.command(environment))
  if (command === "VERSION") return undefined
  const call = yield* Effect.fromResult(PluginCall.decode(environment, yield* stdin))
  const versions = supported(handlers)
  if (versions.includes(call.cniVersion || "0.1.0")) return call
  return yield* new PluginCall.PluginFailure({
    code: 1,
    msg: "incompatible CNI versions",
    details: `config is "${call.cniVersion}", plugin supports ${versions.map((version) => `"${version}"`).join(", ")}`
  })
})

const supported = <R>({ supportedVersions }: PluginHandlers<R>) => supportedVersions ?? CniVersion.supported

const perform = Effect.fnUntraced(function*<R>(
  handlers: PluginHandlers<R>,
  call: PluginCall.PluginCall | undefined
) {
  if (call === undefined) return PluginCall.encodeVersions(supported(handlers))
  if (call.command === "ADD") {
    const result = yield* handlers.ADD(call)
    return yield* Effect.fromResult(PluginCall.encodeResult(result, call.cniVersion))
  }
  const handler = call.command === "VERSION" ? undefined : handlers[call.command]
  if (handler === undefined) {
    return yield* new PluginCall.PluginFailure({ code: 4, msg: `unknown CNI_COMMAND: ${call.command}` })
  }
  yield* handler(call)
  return ""
})

#!/usr/bin/env node
/**
 * A plugin that does what its configuration says, written with the library's own helpers: `script` has a result or a
 * failure by command, `delegate` names the plugin that does the work instead.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import {
  delegateAdd,
  delegateCheck,
  delegateDel,
  type DelegateError,
  delegateGc,
  type DelegateRequirements,
  delegateStatus,
  type Delegation,
  Json,
  PluginCall,
  runPlugin
} from "effect-cni"
import { NodePlugin } from "effect-cni/node"
import * as Effect from "effect/Effect"

const failed = ({ message }: { readonly message: string }) => new PluginCall.PluginFailure({ code: 100, msg: message })

const scripted = ({ command, config, prevResult }: PluginCall.PluginCall) => {
  const { script } = config.json
  const answer = Json.isJsonObject(script) ? script[command] : undefined
  if (typeof answer === "string") return Effect.fail(failed({ message: answer }))
  return Effect.succeed(Json.isJsonObject(answer) ? answer : prevResult?.json ?? {})
}

const delegateOf = ({ config }: PluginCall.PluginCall): string | undefined =>
  typeof config.json["delegate"] === "string" ? config.json["delegate"] : undefined

const quietly =
  (delegated: (delegation: Delegation) => Effect.Effect<void, DelegateError, DelegateRequirements>) =>
  (call: PluginCall.PluginCall) => {
    const type = delegateOf(call)
    return type === undefined ? Effect.asVoid(scripted(call)) : Effect.mapError(delegated({ call, type }), failed)
  }

runPlugin({
  ADD: (call) => {
    const type = delegateOf(call)
    if (type === undefined) return scripted(call)
    return Effect.mapBoth(delegateAdd({ call, type }), { onSuccess: ({ json }) => json, onFailure: failed })
  },
  CHECK: quietly(delegateCheck),
  DEL: quietly(delegateDel),
  GC: quietly(delegateGc),
  STATUS: quietly(delegateStatus)
}).pipe(Effect.provide(NodePlugin.layer), NodeRuntime.runMain)

#!/usr/bin/env -S node --conditions=effect-cni-source
/** A CNI plugin in TypeScript: adds a search domain to the result of the plugins before it. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { PluginCall, runPlugin } from "effect-cni"
import { NodePlugin } from "effect-cni/node"
import * as Effect from "effect/Effect"

runPlugin({
  ADD: ({ config, prevResult }) => {
    const { domain } = config.json
    if (typeof domain !== "string") {
      return Effect.fail(new PluginCall.PluginFailure({ code: 7, msg: "a domain is needed" }))
    }
    return Effect.succeed({ ...prevResult?.json, dns: { ...prevResult?.dns, search: [domain] } })
  },
  CHECK: () => Effect.void,
  DEL: () => Effect.void
}).pipe(Effect.provide(NodePlugin.layer), NodeRuntime.runMain)

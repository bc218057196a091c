/** What the demo's plugins share: each allocation is a file in a directory, so that everybody can see what is held. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { type Json, PluginCall, runPlugin } from "effect-cni"
import { NodePlugin } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** What an ADD takes for the interface, in words, and the result that it gives, or why it does not. */
export interface Allocation {
  readonly taken: string
  readonly answer: Effect.Effect<Json.JsonObject, PluginCall.PluginFailure>
}

/** A plugin that keeps the books which `allocate` decides on; `others` are what it holds for other interfaces. */
export const serve = (allocate: (call: PluginCall.PluginCall, others: ReadonlyArray<string>) => Allocation): void =>
  runPlugin({
    ADD: (call) => {
      const { answer, taken } = allocate(call, othersIn(call))
      return Effect.andThen(Effect.sync(() => Fs.writeFileSync(bookOf(call), taken)), answer)
    },
    CHECK: (call) =>
      Fs.existsSync(bookOf(call)) ? Effect.void : Effect.fail(refusal(100, "nothing allocated", bookOf(call))),
    DEL: (call) => Effect.sync(() => Fs.rmSync(bookOf(call), { force: true }))
  }).pipe(Effect.provide(NodePlugin.layer), NodeRuntime.runMain)

/** A member of the plugin's configuration that is a text. */
export const text = ({ config }: PluginCall.PluginCall, member: string): string => {
  const value = config.json[member]
  return typeof value === "string" ? value : ""
}

/** An error of the specification (section 5 "Error"). */
export const refusal = (code: number, msg: string, details: string): PluginCall.PluginFailure =>
  new PluginCall.PluginFailure({ code, msg, details })

/** The result of the plugins before, as it is. */
export const passedOn = ({ prevResult }: PluginCall.PluginCall): Allocation["answer"] =>
  Effect.succeed(prevResult?.json ?? {})

const directoryOf = (call: PluginCall.PluginCall): string => text(call, "stateDir")

const bookOf = (call: PluginCall.PluginCall): string =>
  Path.join(directoryOf(call), `${call.config.type}.${call.containerId}.${call.ifName}`)

const othersIn = (call: PluginCall.PluginCall): ReadonlyArray<string> =>
  Fs.readdirSync(directoryOf(call))
    .filter((name) => name.startsWith(`${call.config.type}.`))
    .map((name) => Path.join(directoryOf(call), name))
    .filter((file) => file !== bookOf(call))
    .map((file) => Fs.readFileSync(file, "utf8"))

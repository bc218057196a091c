import { assert, describe, it } from "@effect/vitest"
import {
  delegateAdd,
  delegateCheck,
  delegateDel,
  delegateGc,
  type DelegateRequirements,
  delegateStatus,
  Json,
  PluginCall,
  type PluginHandlers,
  runPlugin
} from "effect-cni"
import { MemoryCni, MemoryPluginStdio, PluginInvocations } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

const environment = {
  CNI_COMMAND: "ADD",
  CNI_CONTAINERID: "c1",
  CNI_NETNS: "/run/netns/c1",
  CNI_ARGS: "IgnoreUnknown=1;K8S_POD_NAME=a=b;flag",
  CNI_IFNAME: "eth0",
  CNI_PATH: "/opt/cni/bin"
}
const stdin =
  `{"cniVersion":"0.4.0","name":"net","type":"mine","prevResult":{"ips":[{"version":"4","address":"10.0.0.1/24"}]}}`

const ask = <R>(handlers: PluginHandlers<R>, change: PluginCall.Environment = {}, input: string = stdin) =>
  Effect.gen(function*() {
    const answers: Array<MemoryPluginStdio.PluginAnswer> = []
    const stdio = MemoryPluginStdio.layer(
      { environment: { ...environment, ...change }, stdin: input },
      (answer) => answers.push(answer)
    )
    yield* Effect.provide(runPlugin(handlers), stdio)
    const [answer] = answers
    assert(answer !== undefined && answers.length === 1)
    return {
      status: answer.status,
      json: answer.stdout === "" ? undefined : Result.getOrThrow(Json.parse(answer.stdout))
    }
  })

const handlers: PluginHandlers = {
  ADD: ({ ifName }) => Effect.succeed({ interfaces: [{ name: ifName, mtu: 1500 }], ips: [{ address: "10.1.0.5/24" }] }),
  DEL: () => Effect.void,
  CHECK: () => Effect.fail(new PluginCall.PluginFailure({ code: 100, msg: "gone", details: "by hand" }))
}

describe("runPlugin", () => {
  it.effect("understands what it is asked", () =>
    Effect.gen(function*() {
      let seen: PluginCall.PluginCall | undefined
      const { status } = yield* ask({ ...handlers, ADD: (call) => Effect.sync(() => (seen = call, {})) })
      assert.strictEqual(status, 0)
      assert(seen !== undefined)
      assert.deepStrictEqual(seen.args, [["IgnoreUnknown", "1"], ["K8S_POD_NAME", "a=b"], ["flag", ""]])
      assert.deepStrictEqual([seen.containerId, seen.netns, seen.ifName, seen.network], [
        "c1",
        "/run/netns/c1",
        "eth0",
        "net"
      ])
      assert.strictEqual(seen.prevResult?.ips[0]?.address, "10.0.0.1/24")
    }))

  it.effect("answers in the version that is asked for", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* ask(handlers), {
        status: 0,
        json: {
          cniVersion: "0.4.0",
          dns: {},
          interfaces: [{ name: "eth0" }],
          ips: [{ version: "4", address: "10.1.0.5/24" }]
        }
      })
      assert.deepStrictEqual(yield* ask(handlers, { CNI_COMMAND: "DEL", CNI_NETNS: "" }), {
        status: 0,
        json: undefined
      })
    }))

  it.effect("answers with its refusal", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* ask(handlers, { CNI_COMMAND: "CHECK" }), {
        status: 1,
        json: { cniVersion: "0.4.0", code: 100, msg: "gone", details: "by hand" }
      })
    }))

  it.effect("answers VERSION, whatever is on stdin", () =>
    Effect.gen(function*() {
      const { json } = yield* ask({ ...handlers, supportedVersions: ["1.0.0"] }, { CNI_COMMAND: "VERSION" }, "")
      assert.deepStrictEqual(json, { cniVersion: "1.1.0", supportedVersions: ["1.0.0"] })
    }))

  it.effect.each<readonly [number, PluginCall.Environment, string]>([
    [4, { CNI_COMMAND: "" }, stdin],
    [4, { CNI_COMMAND: "DANCE" }, stdin],
    [4, { CNI_COMMAND: "GC" }, stdin],
    [4, { CNI_CONTAINERID: "", CNI_NETNS: undefined }, stdin],
    [6, {}, "not json"],
    [7, {}, `{"cniVersion":"1.0.0"}`],
    [7, {}, `{"cniVersion":"1.0.0","type":"a","prevResult":{"ips":[null]}}`],
    [1, {}, `{"cniVersion":"7.0.0","type":"a"}`]
  ])("refuses with code %d", ([code, change, input]) =>
    Effect.gen(function*() {
      const { json, status } = yield* ask(handlers, change, input)
      assert(Json.isJsonObject(json))
      assert.deepStrictEqual([status, json["code"]], [1, code])
    }))

  it.effect("refuses a result of its own that is none, or that the version asked for cannot say", () =>
    Effect.gen(function*() {
      const bad = yield* ask({ ...handlers, ADD: () => Effect.succeed({ ips: [{ address: "nowhere" }] }) })
      assert(Json.isJsonObject(bad.json))
      assert.strictEqual(bad.json["code"], 7)
      const old = yield* ask({ ...handlers, ADD: () => Effect.succeed({}) }, {}, stdin.replace("0.4.0", "0.2.0"))
      assert(Json.isJsonObject(old.json))
      assert.strictEqual(old.json["code"], 1)
    }))
})

describe("delegation", () => {
  it.effect("runs another plugin in the same environment, on the same input, with its own command", () =>
    Effect.gen(function*() {
      const delegating: PluginHandlers<DelegateRequirements> = {
        ADD: (call) =>
          Effect.mapBoth(delegateAdd({ call, type: "ipam" }), {
            onSuccess: ({ json }) => json,
            onFailure: ({ message }) => new PluginCall.PluginFailure({ code: 100, msg: message })
          }),
        DEL: (call) => Effect.ignore(delegateDel({ call, type: "ipam", stdin: "{}" })),
        CHECK: (call) => Effect.ignore(delegateCheck({ call, type: "ipam" })),
        GC: (call) => Effect.ignore(delegateGc({ call, type: "ipam" })),
        STATUS: (call) => Effect.ignore(delegateStatus({ call, type: "missing" }))
      }
      const { json } = yield* ask(delegating)
      assert(Json.isJsonObject(json))
      assert.deepStrictEqual(json["ips"], [{ version: "4", address: "10.9.0.2/16" }])
      for (const CNI_COMMAND of ["DEL", "CHECK", "GC", "STATUS"]) yield* ask(delegating, { CNI_COMMAND })
      const runs = yield* PluginInvocations.use(({ all }) => all)
      assert.deepStrictEqual(runs.map(({ command, stdin }) => [command, stdin]), [
        ["ADD", stdin],
        ["DEL", "{}"],
        ["CHECK", stdin],
        ["GC", stdin]
      ])
      assert.deepStrictEqual(runs[0]?.environment, environment)
    }).pipe(Effect.provide(Layer.merge(
      MemoryCni.layer({ ipam: { ADD: { ips: [{ version: "4", address: "10.9.0.2/16" }] } } }),
      MemoryPluginStdio.layer({ environment, stdin }, () => {})
    ))))
})

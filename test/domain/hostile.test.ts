/** Malformed and malicious files and replies end in a typed error (or are harmless), never in a defect or a hang. */
import { assert, describe, it } from "@effect/vitest"
import { CacheEntry, Json, NetworkConfigList, PluginCall, PluginConfig, PluginInfo, PluginReply } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import { invocation } from "../support/invocation.ts"

const valid = {
  list:
    `{"cniVersion":"1.0.0","cniVersions":["0.4.0"],"name":"net","disableCheck":false,"disableGC":"true","plugins":[` +
    `{"type":"bridge","name":"x","capabilities":{"ips":true},"ipam":{"type":"host-local"},"dns":{"search":["a"]}}]}`,
  result: `{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","mac":"m","mtu":1,"sandbox":"s"}],"ips":[{"address":` +
    `"10.0.0.1/24","gateway":"10.0.0.254","interface":0}],"routes":[{"dst":"0.0.0.0/0","gw":"10.0.0.254","table":1}],` +
    `"dns":{"nameservers":["1.1.1.1"],"domain":"d","search":["s"],"options":["o"]}}`,
  old:
    `{"cniVersion":"0.2.0","ip4":{"ip":"10.0.0.1/24","gateway":"10.0.0.254","routes":[{"dst":"0.0.0.0/0"}]},"dns":{}}`,
  record: `{"kind":"cniCacheV1","containerId":"c1","config":"e30=","ifName":"eth0","networkName":"net","netns":"/n",` +
    `"cniArgs":[["A","1"]],"capabilityArgs":{"x":1},"result":{"cniVersion":"1.0.0"}}`,
  versions: `{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}`,
  error: `{"cniVersion":"1.0.0","code":7,"msg":"m","details":"d"}`
}

/** Whether a reader took a text; a throw is what must not happen. */
type Reader = (bytes: Uint8Array) => boolean

const outcome = (stdout: Uint8Array, status: number): PluginReply.PluginOutcome => ({
  exit: { _tag: "Exited", status },
  stdout,
  stderr: "",
  durationMs: 0
})

const isTyped = <A, E>(exit: Exit.Exit<A, E>): boolean => {
  if (Exit.isSuccess(exit)) return true
  assert.isTrue(exit.cause.reasons.every((reason) => reason._tag === "Fail"))
  return false
}

const readers: Readonly<Record<string, readonly [Reader, ReadonlyArray<string>]>> = {
  "a configuration list": [(bytes) => isTyped(Effect.runSyncExit(NetworkConfigList.fromBytes(bytes))), [valid.list]],
  "a plugin configuration": [(bytes) => isTyped(Effect.runSyncExit(PluginConfig.fromBytes(bytes))), [valid.list]],
  "a result": [
    (bytes) => Result.isSuccess(PluginReply.result(invocation({}), outcome(bytes, 0), "1.0.0", Json.defaultLimits)),
    [valid.result, valid.old]
  ],
  "an error": [
    (bytes) => {
      const { message } = Result.getOrThrow(Result.flip(PluginReply.acknowledged(invocation({}), outcome(bytes, 1))))
      assert.isAtMost(message.length, 2000)
      return false
    },
    [valid.error]
  ],
  "a cache file": [(bytes) => Result.isSuccess(CacheEntry.decode(bytes)), [valid.record, valid.result]],
  "a version report": [(bytes) => Result.isSuccess(PluginInfo.fromBytes(bytes)), [valid.versions]],
  "a plugin's request": [
    (bytes) =>
      Result.isSuccess(
        PluginCall.decode(invocation({ environment: { ...environment } }).environment, Json.decodeText(bytes))
      ),
    [valid.list]
  ]
}

const environment = {
  CNI_COMMAND: "ADD",
  CNI_CONTAINERID: "c1",
  CNI_NETNS: "/n",
  CNI_IFNAME: "eth0",
  CNI_PATH: "/bin",
  CNI_ARGS: "A=1;B"
}

const encoder = new TextEncoder()

const wrongValues = [
  "null",
  "true",
  "-1",
  "1e400",
  "12345678901234567890123",
  `"\\ud800"`,
  `"\\u0000"`,
  "[]",
  "{}",
  "[null]"
]

const nested = (levels: number) => `{"x":${"[".repeat(levels)}${"]".repeat(levels)}}`

const mutations = (text: string): ReadonlyArray<string> => [
  ...Array.from({ length: 12 }, (_, part) => text.slice(0, Math.floor((text.length * part) / 12))),
  ...[...text.matchAll(/"[A-Za-z0-9]+":/g)].flatMap(({ 0: key, index }, at) => {
    const end = index + key.length
    const value = wrongValues[at % wrongValues.length] ?? "null"
    return [
      `${text.slice(0, end)}${value},"rest":${text.slice(end)}`,
      `${text.slice(0, index)}"__proto__":{"polluted":true},${text.slice(index)}`,
      `${text.slice(0, index)}${key}${value},${text.slice(index)}`
    ]
  }),
  `{"n":${"9".repeat(4_000_000)}}`,
  nested(10_000),
  nested(499),
  `${text}${text}`,
  `\uFEFF${text}`,
  `\0${text}`,
  text.replaceAll(`"`, "'"),
  `{"toString":1,"constructor":{"prototype":{"polluted":true}},"hasOwnProperty":null}`
]

describe("hostile input", () => {
  let count = 0
  for (const [name, [read, texts]] of Object.entries(readers)) {
    it(`does no harm as ${name}`, () => {
      for (const text of texts.flatMap(mutations)) {
        count++
        read(encoder.encode(text))
      }
      assert.isFalse("polluted" in {})
      assert.deepStrictEqual(Object.keys(Object.prototype), [])
    })

    it(`is refused as ${name} when it is no text, or 50 MB of it`, () => {
      assert.isFalse(read(new Uint8Array([0xff, 0xfe, 0x00, 0xc3])))
      assert.isFalse(read(encoder.encode(`{"name":"${"x".repeat(50 * 1024 * 1024)}"`)))
    })
  }

  it("was tried in at least 200 forms", () => {
    assert.isAtLeast(count, 200)
  })
})

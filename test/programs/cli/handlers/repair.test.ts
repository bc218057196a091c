/** What is left of the dead, and what is given up, in memory. */
import { assert, describe, it } from "@effect/vitest"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { outcome, session, type World } from "../support.ts"

const mynet = `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"},{"type":"portmap"}]}`

/** Portmap refuses an ADD, and bridge a DEL as long as it is told to: the undo leaves something. */
const worldWith = (bridge: MemoryCni.PluginScript): World => ({
  plugins: { bridge, portmap: { ADD: MemoryCni.fail({ code: 100, msg: "no" }) } },
  networks: { "10-mynet.conflist": mynet },
  scratch: { left: ["effect-cni-exec-1"] }
})

const refusing = worldWith({
  ADD: { ips: [{ address: "10.1.0.5/24" }] },
  DEL: MemoryCni.fail({ code: 100, msg: "bridge is busy" })
})

const add = ["add", "mynet", "/run/netns/blue", "--container-id", "blue"]

describe("effect-cni recover", () => {
  it.effect("removes namespaces that were left, and says when there is nothing else", () =>
    Effect.gen(function*() {
      const [first, second] = yield* session(refusing, ["recover"], ["recover"])
      assert.strictEqual(first?.stdout, "removed    namespace effect-cni-exec-1\n")
      assert.strictEqual(second?.stdout, "nothing was left by runtimes that died\n")
    }))

  it.effect("says what still fails, why, and what the last resort is", () =>
    Effect.gen(function*() {
      const [, { status, stdout } = { status: -1, stdout: "" }] = yield* session(refusing, add, ["recover"])
      assert.strictEqual(status, 1)
      assert.match(
        stdout,
        /^removed .*\nfailed +.*bridge is busy.*\n +to forget it, when that can never succeed:\n +effect-cni abandon mynet blue:eth0 --yes\n$/
      )
    }))

  it.effect("leaves alone what is attached", () =>
    Effect.gen(function*() {
      const passing = { ...refusing, plugins: { bridge: MemoryCni.passThrough, portmap: MemoryCni.passThrough } }
      const [, recovered] = yield* session(passing, add, ["recover"])
      assert.strictEqual(recovered?.status, 0)
      assert.strictEqual(
        recovered?.stdout,
        "removed    namespace effect-cni-exec-1\nleft alone blue:eth0 on mynet, which is attached\n"
      )
    }))

  it.effect("tells programs the same", () =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome(refusing, "recover", "--json")
      assert.strictEqual(
        stdout,
        `{"command":"recover","ok":true,"result":{"failing":[],"live":[],"namespaces":["effect-cni-exec-1"],"recovered":[]}}\n`
      )
    }))
})

describe("effect-cni abandon", () => {
  it.effect("says what would be lost, and wants a flag where there is no terminal to ask on", () =>
    Effect.gen(function*() {
      const [, asked, told, again] = yield* session(
        refusing,
        add,
        ["abandon", "mynet", "blue:eth0"],
        ["abandon", "mynet", "blue:eth0", "--yes"],
        ["abandon", "mynet", "blue:eth0", "--yes"]
      )
      assert.deepStrictEqual([asked?.status, asked?.stdout, asked?.invocations], [1, "", []])
      assert.match(asked?.stderr ?? "", /addresses +10\.1\.0\.5\/24\n[^]*--yes agrees without being asked\n$/)
      assert.deepStrictEqual([told?.status, told?.stderr, told?.invocations], [0, "", []])
      assert.match(told?.stdout ?? "", /^abandoned blue:eth0 on mynet\n[^]*made by +bridge, portmap\n$/)
      assert.deepStrictEqual([again?.status, again?.stdout], [1, ""])
    }))

  it.effect("does not name what has gone, as far as that can be seen", () =>
    Effect.gen(function*() {
      const made = [{ name: "br0" }, { name: "veth1" }, { name: "eth0", sandbox: "/run/netns/blue" }]
      const plugins = { bridge: { ADD: { interfaces: made } }, portmap: MemoryCni.passThrough }
      const lost = ["abandon", "mynet", "blue:eth0", "--yes"]
      const namespaces = { "/proc/self/ns/net": { br0: "02:00:00:00:00:01" }, "/run/netns/blue": {} }
      const [, some] = yield* session({ ...refusing, plugins, namespaces }, add, lost)
      assert.match(some?.stdout ?? "", /this may be left:\n[^]*interfaces +br0\n/)
      const [, all] = yield* session({ ...refusing, plugins }, add, lost)
      assert.match(all?.stdout ?? "", /interfaces +br0, veth1, eth0 in \/run\/netns\/blue\n/)
    }))

  it.effect("wants the exact attachment", () =>
    Effect.gen(function*() {
      const { status, stderr } = yield* outcome(refusing, "abandon", "mynet", "blue", "--yes")
      assert.strictEqual(status, 1)
      assert.match(stderr, /"blue" is no attachment: write it like CONTAINER-ID:eth0/)
    }))
})

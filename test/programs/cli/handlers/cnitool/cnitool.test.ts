/** The commands that cnitool has, in memory. */
import { assert, describe, it } from "@effect/vitest"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { lastLine, outcome, session, type World } from "../../support.ts"

const mynet = `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"},{"type":"portmap"}]}`

const world: World = {
  plugins: {
    bridge: { ADD: { ips: [{ address: "10.1.0.5/24" }] } },
    portmap: MemoryCni.passThrough
  },
  networks: { "10-mynet.conflist": mynet }
}

describe("effect-cni add, check, del", () => {
  it.effect("attach, check and detach what the path of a namespace stands for", () =>
    Effect.gen(function*() {
      const [add, check, del] = yield* session(
        world,
        ["add", "mynet", "/run/netns/blue"],
        ["check", "mynet", "/run/netns/blue"],
        ["del", "mynet", "/run/netns/blue"]
      )
      assert.deepStrictEqual(add, {
        status: 0,
        stdout:
          `{\n    "cniVersion": "1.0.0",\n    "ips": [\n        {\n            "address": "10.1.0.5/24"\n        }\n    ]\n}`,
        stderr: "",
        invocations: ["bridge ADD", "portmap ADD"]
      })
      assert.deepStrictEqual(check, {
        status: 0,
        stdout: "",
        stderr: "",
        invocations: ["bridge CHECK", "portmap CHECK"]
      })
      assert.deepStrictEqual(del, { status: 0, stdout: "", stderr: "", invocations: ["portmap DEL", "bridge DEL"] })
    }))

  it.effect("answer with one line of JSON where they are asked to", () =>
    Effect.gen(function*() {
      const { stdout } = yield* outcome(world, "--json", "add", "mynet", "/run/netns/blue")
      assert.strictEqual(
        stdout,
        `{"command":"add","ok":true,"result":{"cniVersion":"1.0.0","ips":[{"address":"10.1.0.5/24"}]}}\n`
      )
    }))

  it.effect("say what is wrong for a person, and in libcni's words in the last line", () =>
    Effect.gen(function*() {
      const failing = {
        ...world,
        plugins: { ...world.plugins, portmap: { ADD: MemoryCni.fail({ code: 11, msg: "try later" }) } }
      }
      const { invocations, status, stderr, stdout } = yield* outcome(failing, "add", "mynet", "/run/netns/blue")
      assert.strictEqual(status, 1)
      assert.strictEqual(stdout, "")
      assert.match(
        stderr,
        /^error: plugin "portmap" \(ADD on network "mynet".*\) failed with code 11\n\nplugin type="portmap" failed \(add\): try later\n$/
      )
      assert.deepStrictEqual(invocations, ["bridge ADD", "portmap ADD", "portmap DEL", "bridge DEL"])
    }))

  it.effect("need a namespace, or for check and del a container ID", () =>
    Effect.gen(function*() {
      const [add, withId, del] = yield* session(
        world,
        ["add", "mynet"],
        ["add", "mynet", "--container-id", "blue"],
        ["del", "mynet", "--container-id", "blue"]
      )
      assert.strictEqual(lastLine(add?.stderr ?? ""), "requires at least 2 arg(s), only received 1")
      assert.strictEqual(withId?.status, 1)
      assert.strictEqual(del?.status, 0)
    }))

  it.effect.each(
    [
      [{ CNI_ARGS: "A" }, `invalid CNI_ARGS pair "A"`],
      [{ CNI_ARGS: "A=1;=2" }, `invalid CNI_ARGS pair "=2"`],
      [{ CAP_ARGS: "[]" }, "it must be a JSON object"]
    ] as const
  )("refuse an environment that cannot be read: %j", ([environment, words]) =>
    Effect.gen(function*() {
      const { invocations, status, stderr } = yield* outcome(
        { ...world, environment },
        "add",
        "mynet",
        "/run/netns/blue"
      )
      assert.strictEqual(status, 1)
      assert.strictEqual(lastLine(stderr), words)
      assert.deepStrictEqual(invocations, [])
    }))

  it.effect("take the interface's name from the flag, else from the environment", () =>
    Effect.gen(function*() {
      const named = { ...world, environment: { CNI_IFNAME: "net7" } }
      const add = ["add", "mynet", "/run/netns/blue"]
      const [, again, other] = yield* session(named, add, add, [...add, "-i", "net8"])
      assert.match(again?.stderr ?? "", /has an interface "net7"/)
      assert.strictEqual(other?.status, 0)
    }))
})

describe("effect-cni gc", () => {
  const attach = (containerId: string) => ["add", "mynet", "/run/netns/x", "--container-id", containerId]

  it.effect("deletes nothing before it is told what to keep, and says what it would", () =>
    Effect.gen(function*() {
      const [, , gc] = yield* session(world, attach("c1"), attach("c2"), ["gc", "mynet", "/any"])
      assert.strictEqual(gc?.status, 1)
      assert.match(gc?.stderr ?? "", /c1:eth0\n.*c2:eth0\n.*--keep ID:IFNAME/s)
      assert.deepStrictEqual(gc?.invocations, [])
    }))

  it.effect("keeps what it is told, and deletes the rest", () =>
    Effect.gen(function*() {
      const keep = ["gc", "mynet", "--keep", "c1:eth0"]
      const [, , dry, gc, again] = yield* session(world, attach("c1"), attach("c2"), [...keep, "--dry-run"], keep, keep)
      assert.deepStrictEqual([dry?.stdout, dry?.invocations], ["would delete c2:eth0\n", []])
      assert.deepStrictEqual([gc?.status, gc?.invocations], [0, ["portmap DEL", "bridge DEL"]])
      assert.deepStrictEqual(again?.invocations, [])
    }))

  it.effect("deletes all with --all, which goes with no --keep", () =>
    Effect.gen(function*() {
      const all = ["gc", "mynet", "--all"]
      const [, both, gc] = yield* session(world, attach("c1"), [...all, "--keep", "c1:eth0"], all)
      assert.deepStrictEqual([both?.status, both?.invocations], [1, []])
      assert.deepStrictEqual([gc?.status, gc?.invocations], [0, ["portmap DEL", "bridge DEL"]])
    }))

  it.effect.each(["c1", "c1:", ":eth0", "c1:eth0:x", "../c:eth0"])(
    "refuses to keep %j, which is no attachment",
    (text) =>
      Effect.gen(function*() {
        const { status, stderr } = yield* outcome(world, "gc", "mynet", "--keep", text)
        assert.strictEqual(status, 1)
        assert.match(stderr, /write it like CONTAINER-ID:eth0/)
      })
  )
})

describe("effect-cni status", () => {
  it.effect("asks from cniVersion 1.1.0 up, with and without a namespace", () =>
    Effect.gen(function*() {
      const networks = { "1.conflist": mynet.replace("1.0.0", "1.1.0") }
      const [bare, full] = yield* session({ ...world, networks }, ["status", "mynet"], ["status", "mynet", "/x"])
      assert.deepStrictEqual(bare?.invocations, ["bridge STATUS", "portmap STATUS"])
      assert.deepStrictEqual([full?.status, full?.invocations], [0, bare?.invocations])
    }))
})

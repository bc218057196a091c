/** How an interface is found in another namespace, with the optional package koffi and without. */
import { assert, describe, it } from "@effect/vitest"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { bundledProgram } from "../support/bundled.ts"
import { needs } from "../support/needs.ts"

const ip = (...args: ReadonlyArray<string>) => ChildProcess.spawnSync("ip", args)

const name = `effect-cni-look-${process.pid}`

const canMakeNamespaces = ip("netns", "add", name).status === 0 && ip("netns", "delete", name).status === 0

const script = await bundledProgram(Path.join(import.meta.dirname, "interfaceLook.ts"))

const look = (koffi: boolean, path: string) => {
  const hidden = koffi ? [] : ["--import", Path.join(import.meta.dirname, "withoutKoffi.ts")]
  const args = [...hidden, script, path, "eth0", "eth1"]
  const { stderr, stdout } = ChildProcess.spawnSync(process.execPath, args, { encoding: "utf8" })
  assert.strictEqual(stderr, "")
  return stdout.trim().split("\n").map((line): unknown => JSON.parse(line))
}

describe("a look for an interface", () => {
  needs("the right to make network namespaces", canMakeNamespaces)

  it.each([true, false])("finds it by its MAC address, or not (with koffi: %s)", (koffi) => {
    assert.strictEqual(ip("netns", "add", name).status, 0)
    try {
      const mac = "02:00:00:00:00:07"
      ip("-n", name, "link", "add", "eth0", "address", mac, "type", "veth", "peer", "name", "p0")
      assert.deepStrictEqual(look(koffi, `/run/netns/${name}`), [{ mac }, "absent"])
    } finally {
      ip("netns", "delete", name)
    }
  })
})

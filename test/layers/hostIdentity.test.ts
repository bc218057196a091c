/** What is asked again, and what is remembered, of the files that say which boot and machine this is. */
import { assert, describe, it } from "@effect/vitest"
import { vi } from "vitest"
import { bootId, machineId, thisHost } from "../../src/layers/internal/hostIdentity.ts"

const files = vi.hoisted(() => new Map<string, string>())

vi.mock("node:fs", () => ({
  readFileSync: (file: string) => {
    const text = files.get(file)
    if (text === undefined) throw new Error("EMFILE: too many open files")
    return text
  }
}))

describe("hostIdentity", () => {
  it("asks again for what could not be read, and then knows it", () => {
    assert.deepStrictEqual(thisHost(), { boot: undefined, machine: undefined })
    files.set("/proc/sys/kernel/random/boot_id", "b\n").set("/etc/machine-id", "m\n")
    assert.deepStrictEqual(thisHost(), { boot: "b", machine: "m" })
    files.clear()
    assert.deepStrictEqual([bootId(), machineId()], ["b", "m"])
  })

  it.each(["", "\n", "uninitialized\n"])("does not take %j for a machine's ID", async (text) => {
    vi.resetModules()
    const fresh = await import("../../src/layers/internal/hostIdentity.ts")
    files.set("/etc/machine-id", text)
    assert.isUndefined(fresh.machineId())
  })
})

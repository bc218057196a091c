import { assert, describe, it } from "@effect/vitest"
import { CniError } from "effect-cni"

const at = { plugin: "bridge", path: "/opt/cni/bin/bridge", network: "net", containerId: "c1", ifName: "eth0" }
const refused = new CniError.PluginError({
  ...at,
  pluginName: "my bridge",
  command: "ADD",
  code: 11,
  msg: "try again",
  details: "busy",
  exit: { _tag: "Exited", status: 1 },
  stderr: "",
  durationMs: 1
})
const libcni = { dialect: "libcni" } as const

describe("CniError.format", () => {
  it("says what libcni says, with the operation in front where libcni has it", () => {
    assert.strictEqual(CniError.format(refused, libcni), "try again; busy")
    assert.strictEqual(
      CniError.format(refused, { ...libcni, operation: "addNetworkList" }),
      `plugin type="bridge" name="my bridge" failed (add): try again; busy`
    )
    assert.strictEqual(
      CniError.format(refused, { ...libcni, operation: "delNetworkList" }),
      `plugin type="bridge" name="my bridge" failed (delete): try again; busy`
    )
    assert.strictEqual(CniError.format(refused, { ...libcni, operation: "checkNetworkList" }), "try again; busy")
  })

  it("says what podman says", () => {
    assert.strictEqual(CniError.format(refused, { dialect: "podman" }), "cni plugin bridge failed: try again: busy")
  })

  it("says of several failures what libcni says of each", () => {
    const missing = new CniError.PluginNotFound({ plugin: "vlan", searched: ["/a", "/b"] })
    const old = new CniError.VersionNotSupported({ plugin: "tuning", version: "1.1.0", supported: ["1.0.0"] })
    const invalid = new CniError.NetworkInvalid({ network: "net", failures: [missing, old] })
    assert.strictEqual(
      CniError.format(invalid, libcni),
      `[failed to find plugin "vlan" in path [/a /b] plugin tuning does not support config version "1.1.0"]`
    )
    const gc = new CniError.GcIncomplete({
      network: "net",
      failures: [
        { _tag: "StaleAttachment", containerId: "c1", ifName: "eth0", error: missing },
        { _tag: "PluginGc", plugin: "vlan", error: missing }
      ]
    })
    assert.strictEqual(
      CniError.format(gc, libcni),
      `failed to delete stale attachment c1 eth0: plugin type="vlan" failed (delete): failed to find plugin "vlan" in path [/a /b]\n` +
        `failed to GC plugin vlan: failed to find plugin "vlan" in path [/a /b]`
    )
    const rollback = new CniError.RollbackFailed({ ...at, cause: refused, failures: [missing] })
    assert.strictEqual(CniError.format(rollback, libcni), "try again; busy")
  })

  it("says of a plugin that does not start what the kernel said", () => {
    const failed = (change: Pick<CniError.PluginSpawnFailed, "reason" | "detail"> & { readonly errno?: string }) =>
      new CniError.PluginSpawnFailed({ ...at, command: "ADD", ...change })
    const texts = [
      failed({ reason: "BadFormat", errno: "ENOEXEC", detail: "the file is empty" }),
      failed({ reason: "NoResources", errno: "ENOMEM", detail: "spawn ENOMEM" }),
      failed({ reason: "Busy", detail: "it is being written" }),
      failed({ reason: "Other", errno: "EWEIRD", detail: "spawn EWEIRD" }),
      new CniError.PluginNotExecutable({ plugin: "bridge", path: at.path })
    ]
    const reasons = [
      "exec format error",
      "cannot allocate memory",
      "text file busy",
      "spawn EWEIRD",
      "permission denied"
    ].map((reason) => `fork/exec /opt/cni/bin/bridge: ${reason}`)
    assert.deepStrictEqual(
      texts.map((error) => CniError.format(error, libcni)),
      reasons.map((reason) => `netplugin failed with no error message: ${reason}`)
    )
    assert.deepStrictEqual(
      texts.map((error) => CniError.format(error, { dialect: "podman" })),
      reasons.map((reason) => `cni plugin bridge failed: ${reason}`)
    )
  })

  it("says of output that is no result what libcni says", () => {
    const said = (command: "ADD" | "VERSION", place: string) =>
      CniError.format(
        new CniError.PluginOutputInvalid({ ...at, command, at: place, reason: "no", excerpt: "", stderr: "" }),
        libcni
      )
    assert.strictEqual(said("ADD", ""), "failed to unmarshal raw result: no")
    assert.strictEqual(said("ADD", "ips"), "no")
    assert.strictEqual(said("VERSION", ""), "decoding version info: no")
  })

  it("says of a record and of a file what libcni was reading", () => {
    const record = { network: "my \"net\"", path: "/cache/x", issue: "it is empty" }
    const config = new CniError.CacheEntryInvalid({ ...record, decoding: "config" })
    assert.strictEqual(
      CniError.format(config, libcni),
      `failed to unmarshal cached network "my \\"net\\"" config: it is empty`
    )
    const version = new CniError.CacheEntryInvalid({ ...record, decoding: "version" })
    assert.strictEqual(CniError.format(version, libcni), "decoding version from network config: it is empty")
    for (const operation of ["checkNetworkList", "checkNetwork", "delNetworkList"] as const) {
      assert.strictEqual(
        CniError.format(version, { ...libcni, operation }),
        `failed to get network "my \\"net\\"" cached result: decoding version from network config: it is empty`
      )
    }
    const unread = (errno: string) =>
      CniError.format(new CniError.ConfigInvalid({ kind: "file", file: "/x", at: "", reason: "no", errno }), libcni)
    assert.strictEqual(unread("ENOENT"), "error reading /x: open /x: no such file or directory")
    assert.strictEqual(unread("EACCES"), "error reading /x: open /x: permission denied")
    assert.strictEqual(unread("EISDIR"), "error reading /x: read /x: is a directory")
  })

  it("has our own words for what neither of them knows", () => {
    const timeout = new CniError.PluginTimeout({ ...at, command: "ADD", limitMs: 5, endedBy: "SIGTERM", stderr: "" })
    assert.include(CniError.format(timeout, libcni), "ran longer than 5 ms")
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Cni, CniError, PluginExec } from "effect-cni"
import { NodeCni, PodmanPluginExec } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Fs from "node:fs"
import { temporaryDirectory, writeFile, writePlugin } from "../../support/directory.ts"
import { invocation } from "../../support/invocation.ts"
import { c1, network } from "../../support/network.ts"

const withPlugin = <A, E>(body: string, test: (path: string) => Effect.Effect<A, E, NodeCni.Services>) =>
  Effect.flatMap(temporaryDirectory, (directory) =>
    Effect.provide(
      test(writePlugin(directory, "a", body)),
      NodeCni.layer({ pluginPaths: [directory], cacheDir: `${directory}/cache`, exec: PodmanPluginExec.layer })
    ))

const worded = (body: string) =>
  withPlugin(body, () =>
    Effect.map(
      Effect.flip(Cni.addNetworkList(network(["a"]), c1)),
      (error) => CniError.format(error, { dialect: "podman" })
    ))

describe("PodmanPluginExec", () => {
  it.live("starts a plugin again, too, that a terminal's signal ended before it said a word", () =>
    withPlugin(
      `echo >> "$0.runs"; test $(wc -l < "$0.runs") = 1 && kill -INT $$; echo ran`,
      (path) =>
        Effect.gen(function*() {
          const { exit } = yield* PluginExec.use((exec) => exec.run(invocation({ path, command: "DEL" })))
          assert.deepStrictEqual(exit, { _tag: "Exited", status: 0 })
        })
    ))

  it.live.each([
    [`echo '{"code":11,"msg":"try again","details":"busy"}'; exit 1`, "cni plugin a failed: try again: busy"],
    [`echo '{"code":5}'; exit 1`, "cni plugin a failed with error code 5"],
    [`echo boom >&2; exit 2`, "cni plugin a failed: boom\n"],
    [`exit 3`, "cni plugin a failed: exit status 3"],
    [`kill -KILL $$`, "cni plugin a failed: signal: killed"],
    [`kill -TERM $$`, "cni plugin a failed: signal: terminated"]
  ])("words what %s says as podman does", ([body, text]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* worded(body ?? ""), text)
    }))

  it.live.each<readonly [string, number, string]>([
    ["text", 0o755, "exec format error"],
    ["", 0o755, "exec format error"],
    ["#!/no/such/interpreter\n", 0o755, "no such file or directory"],
    ["#!/bin/sh\n", 0o644, "permission denied"]
  ])("words why %j with mode %o does not start as podman does", ([text, mode, reason]) =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const path = writeFile(directory, "a", text, mode)
      // An empty file that is new is taken for one that is being installed.
      Fs.utimesSync(path, 0, 0)
      const error = yield* Effect.flip(Cni.addNetworkList(network(["a"]), c1)).pipe(
        Effect.provide(
          NodeCni.layer({
            pluginPaths: [directory],
            cacheDir: `${directory}/cache`,
            exec: PodmanPluginExec.layer
          })
        )
      )
      const said = `fork/exec ${path}: ${reason}`
      assert.strictEqual(CniError.format(error, { dialect: "podman" }), `cni plugin a failed: ${said}`)
      assert.strictEqual(
        CniError.format(error, { dialect: "libcni", operation: "addNetworkList" }),
        `plugin type="a" failed (add): netplugin failed with no error message: ${said}`
      )
    }))

  it.live("passes on nothing of what a successful plugin says on the side", () => {
    const lines: Array<unknown> = []
    const logger = Logger.layer([Logger.make(({ message }) => void lines.push(message))])
    return withPlugin("echo '{}'; echo noise >&2", (path) =>
      Effect.gen(function*() {
        yield* Effect.provide(PluginExec.use((exec) => exec.run(invocation({ path }))), logger)
        assert.deepStrictEqual(lines, [])
      }))
  })

  it.live("does not try a busy executable again", () =>
    withPlugin("", (script) =>
      Effect.gen(function*() {
        const path = `${script}-busy`
        Fs.copyFileSync("/bin/true", path)
        Fs.chmodSync(path, 0o755)
        const writer = Fs.openSync(path, "r+")
        const error = yield* Effect.flip(PluginExec.use((exec) => exec.run(invocation({ path })))).pipe(
          Effect.ensuring(Effect.sync(() => Fs.closeSync(writer)))
        )
        assert(error._tag === "PluginSpawnFailed")
        assert.strictEqual(error.reason, "Busy")
      })))
})

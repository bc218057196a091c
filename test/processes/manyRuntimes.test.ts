/** Several runtimes at once on one cache, each a process of its own. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, NetworkConfigList } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { bundledProgram } from "../support/bundled.ts"
import { temporaryDirectory } from "../support/directory.ts"
import { times } from "../support/extent.ts"
import { type Host, makeHost, overlaps } from "./ledgerPlugin.ts"

const worker = await bundledProgram(Path.join(import.meta.dirname, "worker.ts"))

const start = (host: Host, name: string, role: string, count: number) =>
  Effect.callback<string>((resume) => {
    const child = ChildProcess.spawn(
      process.execPath,
      [worker, name, role, JSON.stringify(host), String(count), name],
      { env: { ...process.env, WORKER: name }, stdio: ["ignore", "pipe", "pipe"] }
    )
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output += String(chunk))
    child.on("close", (code) => resume(Effect.succeed(code === 0 ? output : `${name} ended with ${code}: ${output}`)))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

describe("four runtimes that attach, and one that collects", () => {
  it.live(
    "never work on one container at once, nor beside a GC of its network, and leave nothing",
    () =>
      Effect.gen(function*() {
        const host = makeHost(yield* temporaryDirectory, ["n1", "n2"])
        const attachers = ["w1", "w2", "w3", "w4"].map((name) =>
          start(host, name, "attacher", times({ part: 20, whole: 480 }))
        )
        const outputs = yield* Effect.all([...attachers, start(host, "gc", "gc", times({ part: 6, whole: 80 }))], {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(outputs, ["", "", "", "", ""])
        const log = Fs.readFileSync(host.log, "utf8")
        assert.deepStrictEqual(overlaps(log), [])
        for (const command of ["ADD", "DEL", "GC"]) assert.include(log, `start ${command} `)
        yield* Effect.gen(function*() {
          const { live, recovered } = yield* Cni.recover
          assert.deepStrictEqual(recovered, [])
          for (const attachment of live) yield* Cni.delAttachment(attachment)
          for (const name of ["n1", "n2"]) {
            const text = JSON.stringify({ cniVersion: "1.1.0", name, plugins: [{ type: name }] })
            yield* Cni.gcNetworkList(yield* NetworkConfigList.fromText(text), { keep: [] })
          }
          yield* Cni.recover
        }).pipe(Effect.provide(NodeCni.layer({ pluginPaths: [host.bin], cacheDir: host.cache })))
        assert.deepStrictEqual(Fs.readdirSync(host.allocations), [])
        assert.deepStrictEqual(filesBelow(host.cache).filter((name) => name !== "checked"), [])
      }),
    300_000
  )
})

const filesBelow = (directory: string): ReadonlyArray<string> =>
  Fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map(({ name }) =>
    name
  )

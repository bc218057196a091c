/** A runtime that is killed between fork and exec of its plugin, which strace makes slow: others wait for that plugin, too. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, NetworkConfigList } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { processes, statOf } from "../../src/layers/process/processIdentity.ts"
import { bundledProgram } from "../support/bundled.ts"
import { temporaryDirectory, until, writePlugin } from "../support/directory.ts"
import { oneIn } from "../support/extent.ts"
import { needs } from "../support/needs.ts"

const canTrace = ChildProcess.spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0

const runtime = await bundledProgram(Path.join(import.meta.dirname, "holder.ts"))
const withoutKoffi = ["--import", Path.join(import.meta.dirname, "withoutKoffi.ts")]

/** Starts a runtime under strace, whose plugins take 3 s to exec. */
const startSlowly = (bin: string, cacheDir: string, options: ReadonlyArray<string>) => {
  const node = [process.execPath, ...options, runtime, bin, cacheDir]
  const slowly = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=execve", "-e", "inject=execve:delay_enter=3000000"]
  return Effect.acquireRelease(
    Effect.sync(() => ChildProcess.spawn("strace", [...slowly, ...node], { stdio: "ignore" })),
    (strace) => Effect.sync(() => strace.kill("SIGKILL"))
  )
}

const links = (pid: number): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(`/proc/${pid}/fd`).map((name) => Fs.readlinkSync(`/proc/${pid}/fd/${name}`))
  } catch {
    return []
  }
}

/** The children of runtimes on a cache that have not reached exec. */
const forkedOn = (cacheDir: string): ReadonlyArray<number> => {
  const isLease = (link: string) => link.startsWith(`${cacheDir}/effect-cni/locks/lease-`)
  return processes().filter((pid) => statOf(pid)?.threads === 1 && links(pid).some(isLease))
}

describe("a runtime that is killed between fork and exec of a plugin", () => {
  needs("strace", canTrace)

  it.live.each(oneIn<readonly [string, ReadonlyArray<string>]>(2, [["fork", withoutKoffi], ["posix_spawn", []]]))(
    "by %s: a DEL waits for the plugin, and then deletes",
    ([, options]) =>
      Effect.gen(function*() {
        const directory = Fs.realpathSync(yield* temporaryDirectory)
        const [bin, cacheDir] = [Path.join(directory, "bin"), Path.join(directory, "cache")]
        writePlugin(bin, "slow", `echo $CNI_COMMAND >> ${directory}/log; echo '{"cniVersion":"1.1.0"}'`)
        yield* startSlowly(bin, cacheDir, options)
        yield* until(() => forkedOn(cacheDir).length > 0)
        const [forked = 0] = forkedOn(cacheDir)
        process.kill(statOf(forked)?.parent ?? 0, "SIGKILL")
        const list = yield* NetworkConfigList.fromText(`{"cniVersion":"1.1.0","name":"n1","plugins":[{"type":"slow"}]}`)
        yield* Cni.delNetworkList(list, { containerId: "c1", netns: "/nowhere", ifName: "eth0" }).pipe(
          Effect.provide(NodeCni.layer({ pluginPaths: [bin], cacheDir }))
        )
        assert.strictEqual(Fs.readFileSync(`${directory}/log`, "utf8"), "ADD\nDEL\n")
      })
  )
})

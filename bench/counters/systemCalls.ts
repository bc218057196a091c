/** How often our process goes to the file system, by strace. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { startPeer } from "../peer.ts"
import type { Setup } from "../protocol.ts"
import { newDirectory, noContainers, noopSetup, type World } from "../world.ts"

/** System calls with a path, and syncs, per ADD and DEL of a chain: what a longer run has more of than a shorter one. */
export const countSystemCalls = Effect.fnUntraced(function*(world: World, exec: Setup["exec"]) {
  const [few, many] = [20, 60]
  const more = (yield* callsOf(world, exec, many)) - (yield* callsOf(world, exec, few))
  return more / (many - few)
})

const callsOf = Effect.fnUntraced(function*(world: World, exec: Setup["exec"], chains: number) {
  const trace = Path.join(newDirectory(world), "trace")
  const strace = ["strace", "-f", "-qq", "-e", "signal=none", "-e", "trace=%file,fsync,fdatasync", "-o", trace]
  yield* Effect.scoped(Effect.gen(function*() {
    const peer = yield* startPeer([...strace, ...world.programs.ours], { ...noopSetup(world), exec })
    yield* peer.ask({ op: "chains", verbs: ["ADD", "DEL"], containers: noContainers(world, chains), atATime: 1 })
  }))
  return ownCalls(Fs.readFileSync(trace, "utf8"))
})

/** Of a trace, the calls of the first process and its threads: of everyone who has not become another program. */
const ownCalls = (trace: string): number => {
  const calls = trace.split("\n").flatMap((line) => {
    const [, pid = "", call = ""] = /^(\d+)\s+(\w+)\(/.exec(line) ?? []
    return pid === "" ? [] : [{ pid, call }]
  })
  const first = calls[0]?.pid
  const others = new Set(calls.filter(({ call, pid }) => call === "execve" && pid !== first).map(({ pid }) => pid))
  return calls.filter(({ pid }) => !others.has(pid)).length
}

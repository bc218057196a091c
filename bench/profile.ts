/**
 * Says where the time of a no-op chain goes: `npm run bench:profile -- [--exec posix_spawn|spawn] [--at-a-time N]
 * [--chains N]`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as process from "node:process"
import { parseArgs } from "node:util"
import { temporaryDirectory } from "../test/support/directory.ts"
import { build } from "./build.ts"
import { newNamespace } from "./namespace.ts"
import { type Share, sharesOf } from "./profile/buckets.ts"
import { Profiled, type Step } from "./profile/profiled.ts"
import type { Request } from "./protocol.ts"
import { noContainers, noopSetup } from "./world.ts"

const { values } = parseArgs({
  options: {
    exec: { type: "string", default: "posix_spawn" },
    "at-a-time": { type: "string", default: "1" },
    chains: { type: "string", default: "200" }
  }
})

const readProfiled = Schema.decodeUnknownSync(Schema.fromJsonString(Profiled))

const say = (text: string) => process.stdout.write(`${text}\n`)

const showShares = (title: string, shares: ReadonlyArray<Share>, chains: number) => {
  const total = shares.reduce((sum, { ms }) => sum + ms, 0)
  say(`\n${title.padEnd(64)}ms per chain   share`)
  for (const { ms, name } of shares) {
    say(
      `${name.slice(0, 62).padEnd(64)}${(ms / chains).toFixed(3).padStart(12)}${
        (ms / total * 100).toFixed(1).padStart(7)
      } %`
    )
  }
}

const showSteps = (steps: ReadonlyArray<Step>) => {
  const longest = Math.max(...steps.map(({ endMs }) => endMs))
  say(`\n${"steps of a typical chain".padEnd(44)}${"from".padStart(8)}${"ms".padStart(8)}`)
  for (const { depth, endMs, name, startMs } of steps) {
    const at = (ms: number) => Math.round(ms / longest * 50)
    const bar = " ".repeat(at(startMs)) + "#".repeat(Math.max(1, at(endMs) - at(startMs)))
    const numbers = `${startMs.toFixed(2).padStart(8)}${(endMs - startMs).toFixed(2).padStart(8)}`
    say(`${(" ".repeat(2 * depth) + name).padEnd(44)}${numbers}  ${bar}`)
  }
}

const program = Effect.gen(function*() {
  const directory = yield* temporaryDirectory
  const netns = yield* newNamespace(directory)
  const world = { directory, caches: directory, netns, programs: yield* build(directory), isQuick: true, rounds: 1 }
  const setup = { ...noopSetup(world), exec: values.exec }
  const work: Request = {
    op: "chains",
    verbs: ["ADD", "DEL"],
    containers: noContainers(world, Number(values.chains)),
    atATime: Number(values["at-a-time"])
  }
  const [node = "", ...args] = world.programs.profiled
  const profiled = yield* Effect.callback<string>((resume) => {
    const child = ChildProcess.execFile(
      node,
      [...args, JSON.stringify(setup)],
      { maxBuffer: 2 ** 28 },
      (error, stdout) => resume(error === null ? Effect.succeed(stdout) : Effect.die(error))
    )
    // As an argument, many containers would be too long.
    child.stdin?.end(JSON.stringify(work))
    return Effect.sync(() => child.kill())
  }).pipe(Effect.map(readProfiled))
  const { buckets, functions } = sharesOf(profiled)
  say(`${values.exec}, ${work.atATime} at a time: ${(profiled.wallMs / profiled.chains).toFixed(2)} ms per ADD and DEL`)
  showShares("where the time is", buckets, profiled.chains)
  showShares("functions", functions.slice(0, 25), profiled.chains)
  showSteps(profiled.steps)
})

NodeRuntime.runMain(Effect.scoped(program))

/**
 * Counts what noise does not move, and fails where it is more than it may be: `npm run bench:counters`. A limit is at most
 * a fifth above what was counted when it was set; where that was next to nothing, far below what a fork takes.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as process from "node:process"
import { temporaryDirectory } from "../test/support/directory.ts"
import { build } from "./build.ts"
import { countRunning } from "./counters/running.ts"
import { bundleSize, commandSize, loadedBy, modulesOf } from "./counters/size.ts"
import { countSystemCalls } from "./counters/systemCalls.ts"
import { newNamespace } from "./namespace.ts"
import type { PeerFailed } from "./peer.ts"
import type { World } from "./world.ts"

const limits = {
  "processes per ADD+DEL, posix_spawn": 6,
  "processes per ADD+DEL, spawn": 6,
  "page faults per plugin run, posix_spawn": 2,
  "page faults per plugin run, spawn": 255,
  "descriptors left, posix_spawn": 0,
  "descriptors left, spawn": 0,
  "file system calls per ADD+DEL, posix_spawn": 205,
  "file system calls per ADD+DEL, spawn": 225,
  "effect-cni, minified, KiB": 105,
  "effect-cni/node, minified, KiB": 147,
  "effect-cni with effect, minified, KiB": 215,
  "the command, minified, KiB": 580,
  "what --version loads of it, minified, KiB": 420,
  "modules of effect-cni": 240,
  "modules of effect-cni/node": 320
}

type Name = keyof typeof limits

const countAll = Effect.fnUntraced(function*(world: World) {
  const posix = yield* Effect.scoped(countRunning(world, "posix_spawn"))
  const spawn = yield* Effect.scoped(countRunning(world, "spawn"))
  const counted: Record<Name, number> = {
    "processes per ADD+DEL, posix_spawn": posix.processes,
    "processes per ADD+DEL, spawn": spawn.processes,
    "page faults per plugin run, posix_spawn": posix.minorFaults,
    "page faults per plugin run, spawn": spawn.minorFaults,
    "descriptors left, posix_spawn": posix.descriptors,
    "descriptors left, spawn": spawn.descriptors,
    "file system calls per ADD+DEL, posix_spawn": yield* countSystemCalls(world, "posix_spawn"),
    "file system calls per ADD+DEL, spawn": yield* countSystemCalls(world, "spawn"),
    "effect-cni, minified, KiB": yield* bundleSize("index.js", false),
    "effect-cni/node, minified, KiB": yield* bundleSize("layers/node.js", false),
    "effect-cni with effect, minified, KiB": yield* bundleSize("index.js", true),
    "the command, minified, KiB": commandSize(),
    "what --version loads of it, minified, KiB": yield* loadedBy("--version"),
    "modules of effect-cni": yield* modulesOf("effect-cni"),
    "modules of effect-cni/node": yield* modulesOf("effect-cni/node")
  }
  return counted
})

/** Something takes more than it may. */
class TooMuch extends Schema.TaggedError<TooMuch>()("TooMuch", { counters: Schema.Array(Schema.String) }) {
  override get message(): string {
    return `above the limit: ${this.counters.join("; ")}`
  }
}

const isName = (name: string): name is Name => name in limits

const program: Effect.Effect<void, PeerFailed | TooMuch, Scope.Scope> = Effect.gen(function*() {
  const directory = yield* temporaryDirectory
  const programs = yield* build(directory)
  const netns = yield* newNamespace(directory)
  const counted = yield* countAll({ directory, caches: directory, netns, programs, isQuick: true, rounds: 1 })
  const names = Object.keys(counted).filter(isName)
  for (const name of names) {
    process.stdout.write(`${name.padEnd(46)}${counted[name].toFixed(2).padStart(10)}   limit ${limits[name]}\n`)
  }
  const counters = names.filter((name) => counted[name] > limits[name])
  if (counters.length > 0) return yield* new TooMuch({ counters })
})

NodeRuntime.runMain(Effect.scoped(program))

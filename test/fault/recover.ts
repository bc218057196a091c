/** The process that comes after one that was killed: recovers the host, and says what it found. */
import { Cni } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import { readPlan } from "./plan.ts"
import { standby } from "./standby.ts"

const { cacheDir, pluginPaths } = readPlan(await standby())
const { damaged, failing, live, recovered } = await Effect.runPromise(
  Effect.provide(Cni.recover, NodeCni.layer({ pluginPaths, cacheDir }))
)
const messageOf = ({ message }: Error) => message
// The log is on stdout, too.
console.log(
  `\n${JSON.stringify({ live, recovered, damaged: damaged.map(messageOf), failing: failing.map(messageOf) })}`
)
process.exit()

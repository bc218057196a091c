/** Runs chains of the built library under the CPU profiler, and again with spans: profiled SETUP < WORK. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Session } from "node:inspector/promises"
import * as process from "node:process"
import { text } from "node:stream/consumers"
import { Request, Setup } from "../protocol.ts"
import { operations, servicesOf } from "../subject/operations.ts"
import type { Profiled } from "./profiled.ts"
import { typicalChain } from "./steps.ts"
import { recorder, traced } from "./traced.ts"

const setup = Schema.decodeUnknownSync(Schema.fromJsonString(Setup))(process.argv[2])
const work = Schema.decodeUnknownSync(Schema.fromJsonString(Request))(await text(process.stdin))

const run = await Effect.runPromise(operations(setup, servicesOf(setup)))
await run(work)
await run(work)

const session = new Session()
session.connect()
await session.post("Profiler.enable")
await session.post("Profiler.setSamplingInterval", { interval: 200 })
await session.post("Profiler.start")
const startedAt = performance.now()
const { found = 0 } = await run(work)
const wallMs = performance.now() - startedAt
const { profile } = await session.post("Profiler.stop")
session.disconnect()

const { spans, tracer } = recorder()
const runTraced = await Effect.runPromise(operations(setup, traced(tracer, servicesOf(setup))))
await runTraced({ ...work, ...(work.op === "chains" ? { atATime: 1 } : {}) })

const { samples = [], timeDeltas = [] } = profile
const nodes = profile.nodes.map(({ callFrame, children = [], id }) => ({ id, callFrame, children }))
const profiled: Profiled = { chains: found, wallMs, nodes, samples, timeDeltas, steps: typicalChain(spans) }
process.stdout.write(`${JSON.stringify(profiled)}\n`)

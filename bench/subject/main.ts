/** This library behind the benchmarks' protocol: subject SETUP; then a request a line, an answer a line. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as process from "node:process"
import { createInterface } from "node:readline"
import { type Answer, Request, Setup } from "../protocol.ts"
import { grow } from "./grow.ts"
import { operations, servicesOf } from "./operations.ts"
import { watched } from "./watched.ts"

const setup = Schema.decodeUnknownSync(Schema.fromJsonString(Setup))(process.argv[2])
const readRequest = Schema.decodeUnknownSync(Schema.fromJsonString(Request))

const rss = (): number => process.memoryUsage.rss() / 2 ** 20

const answerTo = async (line: string): Promise<Answer> => {
  const startedAt = performance.now()
  const { delay, value } = await watched(() => run(readRequest(line)))
  const wall = performance.now() - startedAt
  const { each = [wall], found = 0 } = value
  const descriptors = Fs.readdirSync("/proc/self/fd").length
  return { each, wall, found, rss: rss(), descriptors, delay, counters: counters() }
}

const counters = () => ({
  minorFaults: process.resourceUsage().minorPageFault,
  lastPid: Number(Fs.readFileSync("/proc/loadavg", "utf8").trim().split(" ").at(-1))
})

grow(setup.hostMb, rss)
const run = await Effect.runPromise(operations(setup, servicesOf(setup)))
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answerTo(line))}\n`)
}

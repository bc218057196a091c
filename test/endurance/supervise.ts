/** Has a pass made by a process, and looks at what that leaves on the host. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { kill, marker, processesOf } from "./host.ts"
import { unless } from "./plan.ts"
import { type Orders, OrdersText, problemsOf, type Report, ReportText } from "./report.ts"

/** What came of a pass; no report if it did not get that far. */
export interface Verdict {
  readonly report: Report | undefined
  readonly problems: ReadonlyArray<string>
}

/** Has it made, in an environment where the programs are. */
export const supervise = (orders: Orders, nursery: string): Effect.Effect<Verdict> =>
  Effect.acquireUseRelease(Effect.sync(() => start(orders, nursery)), (process) => watch(orders, process), dismiss)
    .pipe(
      Effect.map((verdict) => ({ ...verdict, problems: [...verdict.problems, ...endLeftovers(orders)] }))
    )

const start = (orders: Orders, nursery: string) => {
  const pass = Path.join(import.meta.dirname, "pass.ts")
  const child = ChildProcess.spawn(
    nursery,
    [process.execPath, "--conditions=effect-cni-source", pass, Schema.encodeSync(OrdersText)(orders)],
    { stdio: ["ignore", "inherit", "inherit", "pipe"], detached: true, env: { ...process.env, [marker]: orders.mark } }
  )
  const reported = Promise.withResolvers<Report | undefined>()
  const ended = Promise.withResolvers<string>()
  let said = ""
  child.stdio[3]?.on("data", (chunk: Buffer) => {
    said += chunk.toString()
    if (said.endsWith("\n")) reported.resolve(Schema.decodeSync(ReportText)(said))
  })
  child.on("close", (status, signal) => {
    reported.resolve(undefined)
    ended.resolve(signal ?? `status ${status}`)
  })
  return { pid: child.pid, reported: reported.promise, ended: ended.promise }
}

type Process = ReturnType<typeof start>

const watch = (orders: Orders, { ended, reported }: Process) =>
  Effect.gen(function*() {
    const limitSeconds = 120 + orders.runs * 0.05
    const report = yield* Effect.timeoutOption(Effect.promise(() => reported), `${limitSeconds} seconds`)
    if (Option.isNone(report)) return { report: undefined, problems: [`it was not done after ${limitSeconds} s`] }
    const end = yield* Effect.timeoutOption(Effect.promise(() => ended), "10 seconds")
    return { report: report.value, problems: problemsOfEnd(orders, report.value, Option.getOrUndefined(end)) }
  })

const problemsOfEnd = (orders: Orders, report: Report | undefined, end: string | undefined) => [
  ...(report === undefined ? ["there is no report"] : problemsOf(orders, report)),
  ...unless(end !== undefined, () => `it does not end by itself: ${report?.resources.join(", ")} were active`),
  ...unless(end === undefined || end === "status 0", () => `it ended with ${end}`)
]

// Its group is the nursery and itself, not the plugins.
const dismiss = ({ ended, pid }: Process) =>
  Effect.promise(() => {
    if (pid !== undefined) kill(-pid)
    return ended
  })

const endLeftovers = ({ directory, mark }: Orders): ReadonlyArray<string> =>
  [...processesOf(mark, directory)].map(([pid, inWords]) => {
    kill(pid)
    return `process ${inWords} outlived it`
  })

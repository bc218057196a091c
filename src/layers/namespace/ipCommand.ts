/** The command `ip` of iproute2. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import { NamespaceFailed } from "../../domain/errors/CommandError.ts"
import { KillGrace } from "../../services/Tunables.ts"
import { identify, isSameFile } from "../files/openFile.ts"
import { processes, signalProcess } from "../process/processIdentity.ts"

type About = Pick<NamespaceFailed, "operation" | "namespace">

/**
 * Runs it to its end, which no interruption and no Ctrl-C keeps it from, because it leads its own process group. A Ctrl-C that
 * hits it before it has one is the reason for a second try, and a third.
 */
export const ip = (about: About, ...args: ReadonlyArray<string>): Effect.Effect<void, NamespaceFailed> =>
  Effect.uninterruptible(attempt(about, args, 3))

const attempt = Effect.fnUntraced(function*(
  about: About,
  args: ReadonlyArray<string>,
  tries: number
): Effect.fn.Return<void, NamespaceFailed> {
  const { complaint, signal, status } = yield* once(about, args)
  if (status === 0) return
  if (signal !== null && tries > 1) return yield* attempt(about, args, tries - 1)
  const detail = complaint.trim() || `ip ${args.join(" ")} ended with ${signal ?? `exit status ${status}`}`
  const reason = /not permitted|permission denied/i.test(detail) ? "NotPermitted" : "Other"
  return yield* new NamespaceFailed({ ...about, reason, detail })
})

interface Ended {
  readonly status: number | null
  readonly signal: string | null
  readonly complaint: string
}

const once = (about: About, args: ReadonlyArray<string>): Effect.Effect<Ended, NamespaceFailed> =>
  Effect.callback((resume) => {
    let complaint = ""
    const child = ChildProcess.spawn("ip", args, { stdio: ["ignore", "ignore", "pipe"], detached: true })
    child.on("error", (error) => resume(Effect.fail(notStarted(about, error))))
    child.stderr.on("data", (chunk) => complaint += String(chunk))
    child.on("close", (status, signal) => resume(Effect.succeed({ status, signal, complaint })))
  })

const notStarted = (about: About, error: NodeJS.ErrnoException) =>
  error.code === "ENOENT"
    ? new NamespaceFailed({ ...about, reason: "NoIp", detail: "the command ip is not installed" })
    : new NamespaceFailed({ ...about, reason: "Other", detail: `ip could not be started: ${error.message}` })

/** Ends all that run in a namespace: by SIGTERM, and after `KillGrace` by SIGKILL. In our own namespace it ends nothing. */
export const endAll = Effect.fnUntraced(function*(path: string) {
  const graceMs = Duration.toMillis(yield* KillGrace)
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const pids = processesIn(path)
    if (pids.length === 0) return
    for (const pid of pids) {
      signalProcess(pid, signal)
      signalProcess(pid, "SIGCONT")
    }
    for (let waited = 0; waited < graceMs && processesIn(path).length > 0; waited += pollMs) {
      yield* Effect.sleep(pollMs)
    }
  }
})

const pollMs = 20

const processesIn = (path: string): ReadonlyArray<number> => {
  const namespace = identify(path)
  if (isSameFile(namespace, identify("/proc/self/ns/net"))) return []
  return processes().filter((pid) => isSameFile(namespace, identify(`/proc/${pid}/ns/net`)))
}

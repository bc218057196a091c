/** The processes of a network namespace, and their end. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { KillGrace } from "../../services/Tunables.ts"
import { identify, isSameFile } from "../files/fileIdentity.ts"
import { processes, signalProcess } from "../process/processGroup.ts"

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

/** The processes of a network namespace, and their end. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { KillGrace } from "../../services/Tunables.ts"
import { processes, signalProcess } from "../process/processGroup.ts"

/** Ends all that run in a namespace: by SIGTERM, and after `KillGrace` by SIGKILL. Of our own namespace it ends nobody. */
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
  const namespace = identityOf(path)
  if (namespace === undefined || namespace === identityOf("/proc/self/ns/net")) return []
  return processes().filter((pid) => identityOf(`/proc/${pid}/ns/net`) === namespace)
}

const identityOf = (path: string): string | undefined => {
  try {
    const { dev, ino } = Fs.statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

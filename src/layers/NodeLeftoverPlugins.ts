/** Finds plugins that outlived their runtime among the processes of this host, by /proc. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import { isOfNetwork, type JournalEntry, type ProcessId } from "../domain/JournalEntry.ts"
import { isJsonObject } from "../domain/Json.ts"
import { LeftoverPlugins } from "../services/LeftoverPlugins.ts"
import { KillGrace, OrphanWaitLimit } from "../services/Tunables.ts"
import { processes, signalGroup, signalProcess } from "./internal/processGroup.ts"
import { groupOf, isOrphan, isRunning, readProc, startTimeOf } from "./internal/processIdentity.ts"

/**
 * A plugin is known by its CNI_* variables and its executable, whether its pid was recorded or not. Where there is no
 * /proc, only a recorded one can be waited for.
 */
export const layer: Layer.Layer<LeftoverPlugins> = Layer.succeed(
  LeftoverPlugins,
  LeftoverPlugins.of({
    settle: Effect.fn("LeftoverPlugins.settle")(function*(entry) {
      yield* startingMs(entry)
      const limitMs = Duration.toMillis(yield* OrphanWaitLimit)
      const graceMs = Duration.toMillis(yield* KillGrace)
      if (yield* isGoneWithin(entry, limitMs)) return
      const left = leftOf(entry)
      yield* Effect.logWarning(`ending plugins of container ${nameOf(entry, left)} that outlived their runtime`)
      for (const one of left) signal(one, entry, "SIGTERM")
      if (yield* isGoneWithin(entry, graceMs)) return
      for (const one of leftOf(entry)) signal(one, entry, "SIGKILL")
      if (yield* isGoneWithin(entry, graceMs)) return
      yield* Effect.logError(`plugins of container ${nameOf(entry, leftOf(entry))} could not be ended`)
    })
  })
)

const nameOf = ({ containerId }: JournalEntry, left: ReadonlyArray<ProcessId>): string =>
  `"${containerId}" (${left.length === 1 ? "pid" : "pids"} ${left.map(({ pid }) => pid).join(", ")})`

// A runtime may have died after it forked: its child is not yet the plugin, and so cannot be known for one.
const startingMs = (entry: JournalEntry) =>
  isRecordedRunning(entry) || entry.state === "failed" || isRunning(entry.owner.pid, entry.owner.startTime)
    ? Effect.void
    : Effect.sleep(forkToExecMs)

const forkToExecMs = 50
const pollMs = 20

const isGoneWithin = Effect.fnUntraced(function*(entry: JournalEntry, limitMs: number) {
  const deadline = (yield* Clock.currentTimeMillis) + limitMs
  for (let left = leftOf(entry); left.length > 0; left = stillOf(left, entry)) {
    if ((yield* Clock.currentTimeMillis) >= deadline) return false
    yield* Effect.sleep(pollMs)
  }
  return true
})

// Looking through all processes takes ms: only when those known are gone, for others that came after them.
const stillOf = (left: ReadonlyArray<ProcessId>, entry: JournalEntry): ReadonlyArray<ProcessId> => {
  const still = left.filter(({ pid, startTime }) => isRunning(pid, startTime))
  return still.length > 0 ? still : leftOf(entry)
}

const leftOf = (entry: JournalEntry): ReadonlyArray<ProcessId> => {
  const names = executablesOf(entry)
  const found = processes().filter((pid) => pid !== process.pid && isPluginOf(pid, entry, names)).map((pid) => ({
    pid,
    startTime: startTimeOf(pid)
  }))
  const { running } = entry
  const isMissed = running !== undefined && isRecordedRunning(entry) && found.every(({ pid }) => pid !== running.pid)
  return isMissed ? [...found, running] : found
}

// One that is recorded may have become another program since, or its pid another process's.
const isRecordedRunning = (entry: JournalEntry): boolean =>
  entry.running !== undefined && isRunning(entry.running.pid, entry.running.startTime) &&
  hasVariables(entry.running.pid, entry)

// A plugin that leads a group is ended with all of it. In the group of another, only what has the plugin's variables is.
const signal = ({ pid }: ProcessId, entry: JournalEntry, name: NodeJS.Signals) => {
  if (groupOf(pid) === pid) return signalGroup(pid, name)
  for (
    const member of processes().filter((other) =>
      other !== process.pid && groupOf(other) === groupOf(pid) && hasVariables(other, entry)
    )
  ) {
    signalProcess(member, name)
  }
}

// Plugins that collect have nothing that says for which network: those of the living are children of somebody else.
// A script is an argument of its interpreter, by its path.
const isPluginOf = (pid: number, entry: JournalEntry, names: ReadonlySet<string>): boolean =>
  hasVariables(pid, entry) && (!isOfNetwork(entry) || isOrphan(pid)) && isRunning(pid, "") &&
  readProc(pid, "cmdline").split("\0", 4).some((argument) =>
    argument.includes("/") && names.has(Path.basename(argument))
  )

// Without /proc there are only the pids that were recorded.
const hasVariables = (pid: number, { containerId, ifName }: JournalEntry): boolean => {
  if (process.platform !== "linux") return true
  const variables = readProc(pid, "environ").split("\0")
  return variables.includes(`CNI_CONTAINERID=${containerId}`) && variables.includes(`CNI_IFNAME=${ifName}`)
}

// A plugin of the chain, or one that it delegates addresses to. What they leave running is called otherwise.
const executablesOf = ({ plugins }: JournalEntry): ReadonlySet<string> =>
  new Set(plugins.flatMap(({ ipam, type }) => {
    const delegate = isJsonObject(ipam) ? ipam["type"] : undefined
    return [type, delegate].filter((name) => typeof name === "string" && name !== "").map(String)
  }))

/** Finds plugins that outlived their runtime among the processes of this host, by /proc. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import { type JournalEntry, originOf, type ProcessId } from "../../domain/attachment/JournalEntry.ts"
import { isJsonObject } from "../../domain/json/Json.ts"
import { OrphanPlugins } from "../../services/plugin/OrphanPlugins.ts"
import { monotonicMillis } from "../../services/time/monotonicMillis.ts"
import { KillGrace, OrphanWaitLimit } from "../../services/Tunables.ts"
import { type Orphan, orphanAt, orphansOf } from "./findOrphans.ts"
import {
  groupOf,
  isOfOurUser,
  isRunning,
  processes,
  readProc,
  signalGroup,
  signalProcess,
  thisHost
} from "./processIdentity.ts"

/**
 * A plugin whose runtime has died is found by its CNI_* variables and its executable, whether its pid was recorded or not. A
 * process that has not yet reached exec is found by the runtime's lease, because exec closes that. Where there is no /proc,
 * only a recorded plugin can be waited for.
 */
export const layer: Layer.Layer<OrphanPlugins> = Layer.succeed(
  OrphanPlugins,
  OrphanPlugins.of({
    awaitOrKill: Effect.fn("OrphanPlugins.awaitOrKill")(function*(entry) {
      if (hasNoPlugins(entry)) return
      const limitMs = Duration.toMillis(yield* OrphanWaitLimit)
      const graceMs = Duration.toMillis(yield* KillGrace)
      if (yield* isGoneWithin(entry, limitMs)) return
      const left = endableOf(entry)
      if (left.length > 0) {
        yield* Effect.logWarning(`ending plugins of container ${nameWithPids(entry, left)} that outlived their runtime`)
      }
      for (const one of left) signal(one, entry, "SIGTERM")
      if (yield* isGoneWithin(entry, graceMs)) return
      for (const one of endableOf(entry)) signal(one, entry, "SIGKILL")
      if (yield* isGoneWithin(entry, graceMs)) return
      const still = endableOf(entry)
      if (still.length > 0) {
        yield* Effect.logError(`plugins of container ${nameWithPids(entry, still)} could not be ended`)
      }
    })
  })
)

// An operation that failed has seen all its plugins end. Of another boot, and of another machine, there are no processes here.
const hasNoPlugins = ({ operation, running, state }: JournalEntry): boolean =>
  (state === "failed" && running === undefined) ||
  originOf(operation.owner, thisHost()) !== "this boot"

const nameWithPids = ({ containerId }: JournalEntry, left: ReadonlyArray<ProcessId>): string =>
  `"${containerId}" (${left.length === 1 ? "pid" : "pids"} ${left.map(({ pid }) => pid).join(", ")})`

const pollMs = 20

const isGoneWithin = Effect.fnUntraced(function*(entry: JournalEntry, limitMs: number) {
  const deadline = (yield* monotonicMillis) + limitMs
  for (let left = leftOf(entry); left.length > 0; left = stillOf(left, entry)) {
    if ((yield* monotonicMillis) >= deadline) return false
    yield* Effect.sleep(pollMs)
  }
  return true
})

// Looking through all processes takes ms: only when the orphans that were found are gone, for others that came after them.
const stillOf = (left: ReadonlyArray<Orphan>, entry: JournalEntry): ReadonlyArray<Orphan> => {
  const still = left.filter(({ pid, startTime }) => isRunning(pid, startTime)).flatMap((one) =>
    // A process that was not a plugin before may be one of another operation.
    one.stage === "plugin" ? one : orphanAt(one.pid, entry.operation.owner, isPluginOf(entry)) ?? []
  )
  return still.length > 0 ? still : leftOf(entry)
}

const leftOf = (entry: JournalEntry): ReadonlyArray<Orphan> => {
  const found = orphansOf(entry.operation.owner, isPluginOf(entry))
  const { running } = entry
  const isMissed = running !== undefined && isRecordedRunning(entry) && found.every(({ pid }) => pid !== running.pid)
  return isMissed ? [...found, { ...running, stage: "plugin" }] : found
}

// What is being loaded may be any program, so it is only waited for.
const endableOf = (entry: JournalEntry): ReadonlyArray<Orphan> =>
  leftOf(entry).filter(({ stage }) => stage !== "loading")

// A process that was forked has not run anything. A plugin that leads a group is ended with all of it; in the group of
// another process, only those are that have the plugin's variables.
const signal = ({ pid, stage }: Orphan, entry: JournalEntry, name: NodeJS.Signals) => {
  if (stage === "forked") return signalProcess(pid, "SIGKILL")
  if (groupOf(pid) === pid) return signalGroup(pid, name)
  const members = processes().filter((other) => other !== process.pid && groupOf(other) === groupOf(pid))
  for (const member of members) {
    if (isOfOurUser(member) && hasVariables(member, entry)) signalProcess(member, name)
  }
}

// A plugin that is recorded may have become another program since, or its pid another process's.
const isRecordedRunning = ({ containerId, ifName, running }: JournalEntry): boolean => {
  if (running === undefined || !isRunning(running.pid, running.startTime)) return false
  // Without /proc there are only the pids that were recorded.
  if (process.platform !== "linux") return true
  const own = variablesOf(running.pid)
  return isOfOurUser(running.pid) && own.has(inBytes(`CNI_CONTAINERID=${containerId}`)) &&
    own.has(inBytes(`CNI_IFNAME=${ifName}`))
}

// A script is an argument of its interpreter, by its path.
const isPluginOf = (entry: JournalEntry): (pid: number) => boolean => {
  const names = executablesOf(entry)
  return (pid) =>
    hasVariables(pid, entry) &&
    readProc(pid, "cmdline").split("\0", 4).some((argument) =>
      argument.includes("/") && names.has(Path.basename(argument))
    )
}

// An undo or a DEL may be without a namespace. An operation that says no search path was written down before it did.
const hasVariables = (
  pid: number,
  { containerId, ifName, operation: { netns, searchPath } }: JournalEntry
): boolean => {
  const own = variablesOf(pid)
  const wanted = [`CNI_CONTAINERID=${containerId}`, `CNI_IFNAME=${ifName}`]
  if (searchPath !== "") wanted.push(`CNI_PATH=${searchPath}`)
  const given = [...own].find((variable) => variable.startsWith("CNI_NETNS=")) ?? "CNI_NETNS="
  return wanted.every((variable) => own.has(inBytes(variable))) &&
    (given === "CNI_NETNS=" || given === inBytes(`CNI_NETNS=${netns}`))
}

const variablesOf = (pid: number): ReadonlySet<string> => new Set(readProc(pid, "environ").split("\0"))

// As `readProc` gives it.
const inBytes = (text: string): string => Buffer.from(text).toString("latin1")

// A plugin of the chain, or one that it delegates addresses to. What they leave running is called otherwise.
const executablesOf = ({ plugins }: JournalEntry): ReadonlySet<string> =>
  new Set(plugins.flatMap(({ ipam, type }) => {
    const delegate = isJsonObject(ipam) ? ipam["type"] : undefined
    return [type, delegate].flatMap((name) => typeof name === "string" && name !== "" ? [inBytes(name)] : [])
  }))

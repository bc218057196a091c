/** Plugins of a fork server that died: nobody would learn of their ends, nor of all of their starts. */
import type { Launchable } from "./launch.ts"
import { hasLivingMember, processes, signalGroup } from "./processGroup.ts"
import { groupOf, isOrphan, parentOf, readProc, startTimeOf } from "./processIdentity.ts"
import { variableTexts } from "./surroundings.ts"

/**
 * Finds what a server may have started before it died, by process group. Only what is younger than the server, is not ours,
 * and has the path and the variables of an operation: on a container, nobody else may run that at the same time, and of
 * what is on none, only what has lost its parent.
 */
export const find = (plugins: ReadonlyArray<Launchable>, serverStart: string): ReadonlyArray<number> => {
  const wanted = plugins.map(({ path, variables }) => ({
    path: inBytes(path),
    texts: variableTexts(variables).map(inBytes),
    isOnContainer: "CNI_CONTAINERID" in variables
  }))
  return processes().filter((pid) => {
    if (pid === process.pid || groupOf(pid) !== pid || Number(startTimeOf(pid)) < Number(serverStart)) return false
    if (parentOf(pid) === process.pid) return false
    const named = readProc(pid, "cmdline").split("\0", 4)
    const own = new Set(readProc(pid, "environ").split("\0"))
    return wanted.some(({ isOnContainer, path, texts }) =>
      named.includes(path) && texts.every((text) => own.has(text)) && (isOnContainer || isOrphan(pid))
    )
  })
}

// As `readProc` gives it.
const inBytes = (text: string): string => Buffer.from(text).toString("latin1")

/** Kills groups, and goes on when they are gone: what hangs in the kernel has not yet done its harm. */
export const kill = (groups: ReadonlyArray<number>, then: () => void, leftMs = 10_000): void => {
  for (const group of groups) signalGroup(group, "SIGKILL")
  const living = groups.filter(hasLivingMember)
  if (living.length === 0 || leftMs <= 0) return then()
  setTimeout(() => kill(living, then, leftMs - pollMs), pollMs)
}

const pollMs = 20

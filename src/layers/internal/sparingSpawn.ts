/** Forks this process for as long as that costs less than a fork server, and then has one forked, or several. */
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import * as ForkServer from "./forkServer.ts"
import type { Launch } from "./launch.ts"
import * as Spawn from "./spawn.ts"
import { stopwatch } from "./stopwatch.ts"

/**
 * In ms: how long starts may have held up others before there is a server more (which takes 50 ms to be there, in the
 * background), and for how long servers are kept that have nothing to do; and how many there may be.
 */
export interface Options {
  readonly heldUpMs?: number
  readonly idleMs?: number
  readonly servers?: number
}

/** A way to start processes, and the end of it. */
export interface SparingSpawn {
  readonly launch: Launch
  /** The pids of the servers that take orders. */
  readonly servers: () => ReadonlyArray<number>
  /** What runs goes on; what is still started is forked from this process. */
  readonly end: () => void
}

export const make = (
  { heldUpMs = 50, idleMs = 60_000, servers: most = Math.min(4, Os.availableParallelism()) }: Options = {}
): SparingSpawn => {
  const servers = new Set<ForkServer.ForkServer>()
  let isWanted = true
  let isComing = false
  let lostMs = 0
  let worthMs = heldUpMs
  let idle: NodeJS.Timeout | undefined

  const startServer = () => {
    const program = ForkServer.findProgram()
    isWanted = program !== undefined
    if (program === undefined) return
    let wasReady = false
    const server = ForkServer.start(program, {
      ready: () => {
        wasReady = true
        isComing = false
        idle ??= setTimeout(retire, idleMs).unref()
      },
      ended: (wasAsked) => {
        servers.delete(server)
        if (!wasReady) isComing = false
        if (!wasAsked) worthMs *= 2
      }
    })
    isComing = true
    servers.add(server)
  }
  const lost = (ms: number) => {
    lostMs += ms
    if (lostMs <= worthMs || !isWanted || isComing || servers.size >= most) return
    lostMs = 0
    try {
      startServer()
    } catch {
      // Too many processes or open files, for now.
      worthMs *= 2
    }
  }

  const letGo = () => {
    clearTimeout(idle)
    idle = undefined
    for (const server of servers) server.end()
    servers.clear()
  }
  const retire = () => {
    if ([...servers].every((server) => server.running() === 0)) letGo()
    else idle?.refresh()
  }

  const ready = () => [...servers].filter((server) => server.isReady())
  const leastBusy = () => {
    let found: ForkServer.ForkServer | undefined
    for (const server of servers) {
      if (!server.isReady()) continue
      if (found === undefined || server.starting() < found.starting()) found = server
    }
    return found
  }

  const fork: Launch = (program) => {
    const elapsed = stopwatch()
    return Effect.map(Spawn.launch(program), (launched) => {
      lost(elapsed())
      return launched
    })
  }

  return {
    launch: (program) =>
      Effect.suspend(() => {
        const server = leastBusy()
        if (server === undefined) return fork(program)
        lost(server.starting() * startMs)
        idle?.refresh()
        return server.launch(program)
      }),
    servers: () => ready().map(({ pid }) => pid),
    end: () => {
      isWanted = false
      letGo()
    }
  }
}

// What a server takes for a start, during which others wait.
const startMs = 1

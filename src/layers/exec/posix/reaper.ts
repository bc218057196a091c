/** Learns of the end of processes that this runtime did not start itself, without taking those that it did. */
import * as Worker from "node:worker_threads"
import * as Turn from "../../eventLoop/yieldWhenLong.ts"

/** Asks the system about one process: undefined while it runs, else its wait status, or null where that was lost. */
export type WaitFor = (pid: number) => number | null | undefined

/** A process that is waited for. */
export interface Waiting {
  /** Looks now, which spares the time until the system says so. */
  readonly look: () => void
  /** Nobody waits any more: it no longer keeps the event loop alive, but is not left a zombie either. */
  readonly release: () => void
}

/** Asks the system for any child that has ended; 0 where there is none. It goes on being there until it is waited for. */
export type AnyEnded = () => number

/** Waits for processes by one way of asking; `signals` counts how often the system has said that one has ended. */
export const make = (statusOf: WaitFor, anyEnded: AnyEnded) => {
  const children = new Map<number, (status: number | null) => void>()
  const awaited = new Set<number>()
  let backstop: NodeJS.Timeout | undefined
  let isListening = false
  let isLookingSoon = false
  let signals = 0

  const look = (pid: number) => {
    const listener = children.get(pid)
    const status = listener && statusOf(pid)
    if (listener === undefined || status === undefined) return
    children.delete(pid)
    letGo(pid)
    listener(status)
  }
  // Whoever waited for one goes on from here, and starts the next one.
  const lookAtAll = () => {
    isLookingSoon = false
    if (children.size === 1) return lookAtEach()
    for (let pid = anyEnded(); pid !== 0; pid = anyEnded()) {
      // Somebody else's hides those that have ended after it.
      if (!children.has(pid)) return lookAtEach()
      if (Turn.isLong()) return lookSoon()
      look(pid)
    }
  }
  const lookAtEach = () => {
    for (const pid of children.keys()) {
      if (Turn.isLong()) return lookSoon()
      look(pid)
    }
  }
  // Not in the handler: while signals come in, the loop would do nothing else.
  const lookSoon = () => {
    if (isLookingSoon || children.size === 0) return
    isLookingSoon = true
    setImmediate(lookAtAll)
  }
  const letGo = (pid: number) => {
    awaited.delete(pid)
    if (awaited.size === 0) backstop?.unref()
    if (children.size > 0) return
    clearInterval(backstop)
    backstop = undefined
  }

  const waitFor = (pid: number, ended: (status: number | null) => void): Waiting => {
    children.set(pid, ended)
    if (!isListening) {
      process.on("SIGCHLD", () => {
        signals++
        lookSoon()
      })
      // It may have ended before anybody listened for that.
      lookSoon()
    }
    isListening = true
    awaited.add(pid)
    backstop ??= setInterval(lookAtEach, backstopMs)
    backstop.ref()
    return { look: () => look(pid), release: () => letGo(pid) }
  }

  return { waitFor, signals: () => signals }
}

// A signal can be lost, and so can an end that somebody else waited for; worker threads are sent no signals.
const backstopMs = Worker.isMainThread ? 250 : 10

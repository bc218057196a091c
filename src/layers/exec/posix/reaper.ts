/** Learns of the end of processes that Node did not start, without taking the end of those that it did. */
import * as Os from "node:os"
import * as Worker from "node:worker_threads"
import { isLong } from "../../process/eventLoop.ts"

/** Asks the system about one process: undefined while it runs, else its wait status, or null where that was lost. */
export type StatusOf = (pid: number) => number | null | undefined

/** Asks the system for any child that has ended; 0 where there is none. It goes on being there until it is waited for. */
export type AnyEnded = () => number

/** A process that is waited for. */
export interface Waiting {
  /** Looks now, which spares the time until the system says so. */
  readonly look: () => void
  /** The caller waits no more: the process no longer keeps the event loop alive, but is not left a zombie either. */
  readonly release: () => void
}

/** Calls `ended` when a process has ended. */
export type WaitFor = (pid: number, ended: (status: number | null) => void) => Waiting

interface Children {
  readonly statusOf: StatusOf
  readonly anyEnded: AnyEnded
  readonly listeners: Map<number, (status: number | null) => void>
  readonly awaited: Set<number>
  backstop: NodeJS.Timeout | undefined
  isListening: boolean
  isLookingSoon: boolean
}

/** Waits for processes by these ways to ask the system. */
export const make = (statusOf: StatusOf, anyEnded: AnyEnded): WaitFor => {
  const children: Children = {
    statusOf,
    anyEnded,
    listeners: new Map(),
    awaited: new Set(),
    backstop: undefined,
    isListening: false,
    isLookingSoon: false
  }
  return (pid, ended) => {
    children.listeners.set(pid, ended)
    listen(children)
    children.awaited.add(pid)
    children.backstop ??= setInterval(() => lookAtEach(children), backstopMs)
    children.backstop.ref()
    return { look: () => look(children, pid), release: () => letGo(children, pid) }
  }
}

// A signal can be lost, and so can an end that another part of this process waited for; worker threads get no signals.
const backstopMs = Worker.isMainThread ? 250 : 10

const listen = (children: Children) => {
  if (children.isListening) return
  children.isListening = true
  process.on("SIGCHLD", () => lookSoon(children))
  // It may have ended before we listened for that.
  lookSoon(children)
}

// Not in the handler: while signals come in, the loop would do nothing else.
const lookSoon = (children: Children) => {
  if (children.isLookingSoon || children.listeners.size === 0) return
  children.isLookingSoon = true
  setImmediate(() => {
    children.isLookingSoon = false
    lookAtEnded(children)
  })
}

// A listener goes on from here, and may start the next process.
const lookAtEnded = (children: Children) => {
  const { anyEnded, listeners } = children
  if (listeners.size === 1) return lookAtEach(children)
  for (let pid = anyEnded(); pid !== 0; pid = anyEnded()) {
    // A process that another part of this one has started hides those that have ended after it.
    if (!listeners.has(pid)) return lookAtEach(children)
    if (isLong()) return lookSoon(children)
    look(children, pid)
  }
}

const lookAtEach = (children: Children) => {
  for (const pid of children.listeners.keys()) {
    if (isLong()) return lookSoon(children)
    look(children, pid)
  }
}

const look = (children: Children, pid: number) => {
  const listener = children.listeners.get(pid)
  const status = listener && children.statusOf(pid)
  if (listener === undefined || status === undefined) return
  children.listeners.delete(pid)
  letGo(children, pid)
  listener(status)
}

const letGo = (children: Children, pid: number) => {
  children.awaited.delete(pid)
  if (children.awaited.size === 0) children.backstop?.unref()
  if (children.listeners.size > 0) return
  clearInterval(children.backstop)
  children.backstop = undefined
}

/** How a process has ended; both are null where that was lost. */
export interface End {
  readonly code: number | null
  readonly signal: string | null
  readonly coreDumped: boolean
}

/** The end in a wait status. */
export const endOf = (status: number | null): End => {
  if (status === null) return { code: null, signal: null, coreDumped: false }
  const signal = status & 0x7f
  return signal === 0
    ? { code: (status >> 8) & 0xff, signal: null, coreDumped: false }
    : { code: null, signal: signalNames.get(signal) ?? `SIG${signal}`, coreDumped: (status & 0x80) !== 0 }
}

// Some signals have two names: the first is the usual one.
const signalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Os.constants.signals).toReversed().map(([name, number]) => [number, name])
)

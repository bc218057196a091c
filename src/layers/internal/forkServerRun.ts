/** One process that a fork server has started, as its runtime hears of it. */
import type * as Frames from "./forkServerFrames.ts"
import type { ProcessListener } from "./launch.ts"
import * as LostPlugins from "./lostPlugins.ts"

/** What is told of it, and by whom it is heard. */
export interface Run {
  readonly listen: (listener: ProcessListener) => void
  /** The server says something of it. */
  readonly hear: (kind: Frames.Kind, body: Buffer) => void
  readonly isClosed: () => boolean
  /** The server is gone: it is killed, unless its end is known. */
  readonly lose: () => void
}

/** Follows one; what is told before anybody listens waits for them. */
export const make = (pid: number): Run => {
  const early: Array<readonly [kind: Frames.Kind, body: Buffer]> = []
  let listener: ProcessListener | undefined
  let hasExited = false
  let isClosed = false
  const hear = (kind: Frames.Kind, body: Buffer) => {
    if (kind === "exited") hasExited = true
    if (kind === "closed") isClosed = true
    if (listener === undefined) early.push([kind, body])
    else tell(listener, kind, body)
  }
  return {
    listen: (given) =>
      queueMicrotask(() => {
        listener = given
        for (const [kind, body] of early) tell(given, kind, body)
      }),
    hear,
    isClosed: () => isClosed,
    lose: () => {
      if (isClosed) return
      if (hasExited) return hear("closed", Buffer.of())
      LostPlugins.kill([pid], () => {
        hear("exited", Buffer.from("SIGKILL"))
        hear("closed", Buffer.of())
      })
    }
  }
}

const tell = (listener: ProcessListener, kind: Frames.Kind, body: Buffer): void => {
  if (kind === "stdout") listener.stdout(body)
  if (kind === "stderr") listener.stderr(body)
  if (kind === "exited") listener.exited(...endOf(body.toString()))
  if (kind === "draining") listener.draining()
  if (kind === "closed") listener.closed()
}

const endOf = (text: string): [status: number | null, signal: string | null] => {
  if (text === "") return [null, null]
  return /^\d+$/.test(text) ? [Number(text), null] : [null, text]
}

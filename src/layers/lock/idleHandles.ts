/** Open handles of files, kept while nobody uses them for whoever wants that file next. */

export interface IdleHandles<A> {
  /** Gives the one of a file away. */
  readonly take: (file: string) => A | undefined
  /** Keeps one, unless there is one of that file; the one that was used longest ago is closed where there are too many. */
  readonly keep: (file: string, handle: A) => void
  /** Closes all, and from now on keeps none. */
  readonly close: () => void
}

/** `most` are kept; `close` is how one is closed. */
export const idleHandles = <A>(close: (handle: A) => void, most = 64): IdleHandles<A> => {
  // By file, the one that was used last at the end.
  const idle = new Map<string, A>()
  let isClosed = false
  return {
    take: (file) => {
      const handle = idle.get(file)
      idle.delete(file)
      return handle
    },
    keep: (file, handle) => {
      if (isClosed || idle.has(file)) return close(handle)
      idle.set(file, handle)
      const [oldest] = idle
      if (oldest === undefined || idle.size <= most) return
      idle.delete(oldest[0])
      close(oldest[1])
    },
    close: () => {
      isClosed = true
      for (const handle of idle.values()) close(handle)
      idle.clear()
    }
  }
}

/**
 * The names in a directory that may be large and that others may change: listed once, and remembered while its time of
 * change says that it was only us. What others change just while we do, or within the resolution of that time, is not seen
 * by it; so it is listed once a second all the same.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import { stopwatch } from "./stopwatch.ts"

export interface DirectoryNames {
  /** Those that are wanted. */
  readonly list: (isWanted: (name: string) => boolean) => Effect.Effect<ReadonlyArray<string>, PlatformError>
  /** Runs what makes a file of that name appear. */
  readonly adding: <A, E>(name: string, change: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** Runs what makes it disappear. */
  readonly removing: <A, E>(name: string, change: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

export const directoryNames = (fs: FileSystem.FileSystem, directory: string): DirectoryNames => {
  let known: Known | undefined
  let isLarge = false
  let changes = 0

  const changedAt = Effect.match(fs.stat(directory), {
    onFailure: () => undefined,
    onSuccess: ({ mtime }) => Option.getOrUndefined(Option.map(mtime, Number))
  })

  const listed: Effect.Effect<Iterable<string>, PlatformError> = Effect.gen(function*() {
    const age = stopwatch()
    const earlier = changes
    // Before the names, so that what is changed meanwhile is noticed.
    const at = isLarge ? yield* changedAt : undefined
    const names = yield* fs.readDirectory(directory)
    isLarge = names.length >= many
    known = isLarge && at !== undefined && changes === earlier ? { names: new Set(names), at, age } : undefined
    return names
  })

  const names = Effect.suspend((): typeof listed => {
    if (known === undefined || known.age() > mostMs) return listed
    const { at, names } = known
    return Effect.flatMap(changedAt, (now): typeof listed => now === at ? Effect.succeed(names) : listed)
  })

  const changing = <A, E>(change: Effect.Effect<A, E>, apply: (names: Set<string>) => void): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const current = known
      let isApplied = false
      // A listing that goes on meanwhile may have the change in it, or not.
      const ended = Effect.sync(() => {
        changes++
        if (!isApplied) known = undefined
      })
      if (current === undefined) return Effect.ensuring(change, ended)
      const noted = Effect.gen(function*() {
        const before = yield* changedAt
        const result = yield* change
        const after = yield* changedAt
        if (known === current && current.at === before && after !== undefined) {
          apply(current.names)
          current.at = after
          isApplied = true
        }
        return result
      })
      return Effect.ensuring(noted, ended)
    })

  return {
    list: (isWanted) => Effect.map(names, (all) => [...all].filter(isWanted)),
    adding: (name, change) => changing(change, (all) => all.add(name)),
    removing: (name, change) => changing(change, (all) => all.delete(name))
  }
}

interface Known {
  readonly names: Set<string>
  /** When the directory was changed (ms), as long as it was us. */
  at: number
  readonly age: () => number
}

const many = 128
const mostMs = 1000

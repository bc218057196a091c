/** What can lie where a file is expected. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"

/** Makes a FIFO; who opens it waits for somebody at the other end. */
export const makeFifo = (path: string): void => {
  Fs.mkdirSync(Path.dirname(path), { recursive: true })
  ChildProcess.execFileSync("mkfifo", [path])
}

/** Makes a socket that somebody listens on until the scope closes. */
export const makeSocket = (path: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.callback<Net.Server>((resume) => {
      const server = Net.createServer().listen(path, () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  ))

/** Makes a file of that size that takes no room on disk. */
export const makeHuge = (path: string, bytes: number): void => {
  Fs.mkdirSync(Path.dirname(path), { recursive: true })
  Fs.closeSync(Fs.openSync(path, "w"))
  Fs.truncateSync(path, bytes)
}

/** Makes something in the place of a file. */
export type Make = (path: string) => Effect.Effect<void, never, Scope.Scope>

/** All of it, and how it is called. A gibibyte is far beyond every limit. */
export const irregular: ReadonlyArray<readonly [name: string, make: Make, issue: RegExp]> = [
  ["a FIFO", (path) => Effect.sync(() => makeFifo(path)), /it is a FIFO, not a regular file/],
  ["a socket", makeSocket, /it is a socket, not a regular file/],
  ["a huge file", (path) => Effect.sync(() => makeHuge(path, 2 ** 30)), /it has 1073741824 bytes, which is more than/]
]

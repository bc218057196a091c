/** Locks of a cache directory, in this process and in others, and what cleaners do to their files. */
import { assert } from "@effect/vitest"
import { AttachmentLock, JournalEntry } from "effect-cni"
import { NodeAttachmentLock } from "effect-cni/node"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { bundledProgram } from "./bundled.ts"
import { temporaryDirectory, until } from "./directory.ts"

export const placeOf = (directory: string) => `${directory}/effect-cni/locks`

const allIn = (directory: string) => Fs.existsSync(directory) ? Fs.readdirSync(directory).toSorted() : []

/** Without the file that says that no removed lock is held. */
export const namesIn = (directory: string) => allIn(directory).filter((name) => name !== "checked")

/** The lock files, by kind. */
export const kindsIn = (directory: string) => namesIn(placeOf(directory)).map((name) => name.replace(/-.*/, ""))

export const mode = (file: string) => (Fs.statSync(file).mode & 0o777).toString(8)

export const ownerOf = ({ lines }: { readonly lines: () => ReadonlyArray<string> }): JournalEntry.Owner =>
  Schema.decodeUnknownSync(JournalEntry.Owner)(JSON.parse(lines().find((line) => line.startsWith("{")) ?? ""))

// Above the highest that Linux gives out.
export const nobodysPid = 2 ** 22 + 1

export const descriptors = () => Fs.readdirSync("/proc/self/fd").length

/** Locks of their own in a cache directory, as another runtime in this process would have them. */
export const locksIn = (directory: string) =>
  Effect.map(Layer.build(NodeAttachmentLock.layer(directory)), (context) => Context.get(context, AttachmentLock))

let lockHolder = ""

/** Makes the program of other processes, for the tests of the file that calls it. */
export const bundleLockHolder = async (): Promise<void> => {
  lockHolder = await bundledProgram(Path.join(import.meta.dirname, "lockHolder.ts"))
}

/** Another process that wants locks; see there. */
export const otherProcess = (
  directory: string,
  wanted: ReadonlyArray<string>,
  { flags = [], limitMs = 60_000 }: { readonly flags?: ReadonlyArray<string>; readonly limitMs?: number } = {}
) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const args = [...flags, lockHolder, directory, `${limitMs}`, ...wanted]
      const child = ChildProcess.spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] })
      let said = ""
      let isOver = false
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => said += chunk)
      child.on("close", () => isOver = true)
      const lines = (): ReadonlyArray<string> => said.split("\n").slice(0, -1)
      return {
        pid: child.pid ?? 0,
        lines,
        says: (line: string) =>
          Effect.map(until(() => lines().includes(line) || isOver), () => assert.include(lines(), line)),
        ends: Effect.suspend(() => {
          child.stdin.end()
          return until(() => isOver)
        }),
        dies: Effect.suspend(() => {
          child.kill("SIGKILL")
          return until(() => isOver)
        })
      }
    }),
    ({ dies }) => dies
  )

/** Another process that holds locks. */
export const otherHolds = (directory: string, ...wanted: ReadonlyArray<string>) =>
  Effect.tap(otherProcess(directory, wanted), ({ says }) => says("holding"))

/** Which locks another process can have at once. */
export const freeElsewhere = Effect.fnUntraced(function*(directory: string, ...wanted: ReadonlyArray<string>) {
  const { ends, lines } = yield* otherProcess(directory, wanted.map((lock) => `try:${lock}`), { limitMs: 0 })
  yield* ends
  const answers = lines().slice(1, -1)
  assert.strictEqual(answers.length, wanted.length)
  assert.includeMembers(["had", "LockTimeout"], answers)
  return wanted.filter((_, at) => answers[at] === "had")
})

export const cleaners = {
  locks: (place: string) => Fs.rmSync(place, { recursive: true }),
  files: (place: string) => allIn(place).forEach((name) => Fs.rmSync(`${place}/${name}`)),
  lease: (place: string) => Fs.globSync(`${place}/lease-*`).forEach((file) => Fs.rmSync(file)),
  replaced: (place: string) =>
    Fs.globSync(`${place}/*`).forEach((file) => {
      Fs.copyFileSync(file, `${place}/copy`)
      Fs.renameSync(`${place}/copy`, file)
    })
}

export const bootedMachine = () =>
  Fs.existsSync("/etc/machine-id") ? Fs.readFileSync("/etc/machine-id", "utf8").trim() || undefined : undefined

/** Two runtimes in this process. */
export const two = Effect.flatMap(
  temporaryDirectory,
  (directory) => Effect.all([locksIn(directory), locksIn(directory)])
)

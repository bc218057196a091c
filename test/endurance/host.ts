/** What a process has of its host, and what others have of it. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Set for every process of the test; its value is the test's own. */
export const marker = "EFFECT_CNI_ENDURANCE"

/** What this process has open, in words. */
const descriptors = (): ReadonlyArray<string> =>
  Fs.readdirSync("/proc/self/fd").flatMap((descriptor) => {
    const file = linkOf(`/proc/self/fd/${descriptor}`)
    // That of the directory itself is closed by now.
    return file === "" ? [] : [`descriptor ${descriptor} (${file})`]
  })

/** The processes of the test that are there, by pid: with its marker, or a program out of its directory. */
export const processesOf = (mark: string, directory: string): ReadonlyMap<number, string> =>
  new Map(
    Fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
      const isOurs = linkOf(`/proc/${pid}/exe`).startsWith(directory + Path.sep) ||
        textIn(`/proc/${pid}/environ`).split("\0").includes(`${marker}=${mark}`)
      return isOurs ? [[Number(pid), inWords(Number(pid))]] : []
    })
  )

/** What this process has open once that does not change any more. */
export const steadyDescriptors: Effect.Effect<ReadonlyArray<string>> = Effect.suspend(() => {
  const before = descriptors()
  return Effect.flatMap(
    Effect.sleep(pollMs),
    () => openSince(before).length === 0 ? Effect.succeed(before) : steadyDescriptors
  )
})

const pollMs = 20

/** Waits until the descriptors are what they were; gives the differences when that takes too long. */
export const openAfter = (before: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
  patiently(() => openSince(before))

/** Waits until nothing is left: no child, dead or alive, and no process of the test. Gives what is left when that takes too long. */
export const runningAfter = (mark: string, directory: string): Effect.Effect<ReadonlyArray<string>> => {
  const counts = (pid: number) => pid !== process.pid && pid !== process.ppid
  return patiently(() => [
    ...children().filter(counts).map((pid) => `child ${inWords(pid)} is left`),
    ...[...processesOf(mark, directory)].filter(([pid]) => counts(pid)).map(([, other]) => `process ${other} is left`)
  ])
}

const openSince = (before: ReadonlyArray<string>): ReadonlyArray<string> => {
  const now = descriptors()
  return [
    ...now.filter((one) => !before.includes(one)).map((one) => `${one} is left open`),
    ...before.filter((one) => !now.includes(one)).map((one) => `${one} was closed`)
  ]
}

const patiently = (look: () => ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> => {
  const deadline = performance.now() + patienceMs
  const wait: Effect.Effect<ReadonlyArray<string>> = Effect.suspend(() => {
    const left = look()
    if (left.length === 0 || performance.now() > deadline) return Effect.succeed(left)
    return Effect.andThen(Effect.sleep(pollMs), wait)
  })
  return wait
}

const patienceMs = 10_000

const children = (): ReadonlyArray<number> =>
  Fs.readdirSync("/proc/self/task").flatMap((thread) =>
    textIn(`/proc/self/task/${thread}/children`).split(" ").filter((pid) => pid !== "").map(Number)
  )

const inWords = (pid: number): string => {
  const state = /^State:\s+(.*)$/m.exec(textIn(`/proc/${pid}/status`))?.[1] ?? "gone"
  const steps = textIn(`/proc/${pid}/environ`).split("\0").find((variable) => variable.startsWith("CNI_ARGS="))
  return `${pid}, ${state}${steps === undefined ? "" : `, ${steps.slice(0, 60)}`}`
}

/** Kills a process, or with a negative number a group, if it is there. */
export const kill = (pid: number) => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It is gone.
  }
}

const linkOf = (file: string): string => {
  try {
    return Fs.readlinkSync(file)
  } catch {
    return ""
  }
}

const textIn = (file: string): string => {
  try {
    return Fs.readFileSync(file, "latin1")
  } catch {
    return ""
  }
}

/** How the end of processes is learnt that Node did not start, with a system that is made up. */
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import * as Reaper from "../../../../src/layers/exec/posix/reaper.ts"

/** Some processes; `ended` are those that have, in the order in which the system tells of them. */
const system = (ended: Array<number>) => {
  const asked: Array<number> = []
  const told: Array<readonly [number, number | null]> = []
  const waitFor = Reaper.make(
    (pid) => {
      asked.push(pid)
      const at = ended.indexOf(pid)
      if (at === -1) return pid === stolen ? null : undefined
      ended.splice(at, 1)
      return 0
    },
    () => ended[0] ?? 0
  )
  return { asked, told, start: (pid: number) => waitFor(pid, (status) => told.push([pid, status])) }
}

const stolen = 13

const signal = () => {
  process.emit("SIGCHLD")
  vi.advanceTimersByTime(1)
}

describe("the reaper", () => {
  beforeEach(() => {
    // The clock too: on a busy machine the reaper would make way for others.
    vi.useFakeTimers({
      toFake: ["setInterval", "clearInterval", "setImmediate", "clearImmediate", "hrtime", "performance"]
    })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it("asks for those that have ended, and for no other", () => {
    const { asked, start, told } = system([5, 7])
    for (const pid of [5, 6, 7]) start(pid)
    signal()
    assert.deepStrictEqual(told, [[5, 0], [7, 0]])
    assert.deepStrictEqual(asked, [5, 7])
  })

  it("looks at once for one that may have ended before it was waited for", () => {
    const { start, told } = system([6])
    start(5)
    signal()
    const waiting = start(6)
    assert.deepStrictEqual(told, [])
    waiting.look()
    assert.deepStrictEqual(told, [[6, 0]])
  })

  it("finds those that the end of a process of Node hides", () => {
    const { start, told } = system([99, 5])
    for (const pid of [5, 6]) start(pid)
    signal()
    assert.deepStrictEqual(told, [[5, 0]])
  })

  it("finds one whose end Node has waited for, though no signal tells of it", () => {
    const { start, told } = system([])
    for (const pid of [stolen, 6]) start(pid)
    signal()
    assert.deepStrictEqual(told, [])
    vi.advanceTimersByTime(300)
    assert.deepStrictEqual(told, [[stolen, null]])
  })
})

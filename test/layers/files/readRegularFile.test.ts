/** Nothing but a regular file is opened to be read, and nothing beyond a limit is read of it. */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import NodeFs, * as Fs from "node:fs"
import { append, identifyRegular, read, type Rules } from "../../../src/layers/files/readRegularFile.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"
import { makeFifo, makeHuge, makeSocket } from "../../support/irregular.ts"
import { spied } from "../../support/spied.ts"

const following: Rules = { maxBytes: 100, links: "follow" }
const refusing: Rules = { maxBytes: 100, links: "refuse" }

const textOf = (path: string, rules: Rules = following) => {
  const reading = read(path, rules)
  return reading._tag === "Present" ? Buffer.from(reading.bytes).toString() : reading
}

/** The errno that is thrown. */
const thrown = (action: () => unknown) => {
  try {
    action()
    return ""
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error
  }
}

describe("a regular file", () => {
  it.live("is read to its end, up to the limit and no further", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      for (const length of [0, 1, 99, 100]) {
        assert.strictEqual(textOf(writeFile(directory, "file", "x".repeat(length))), "x".repeat(length))
      }
      makeHuge(`${directory}/file`, 101)
      const opened = yield* spied(() => vi.spyOn(NodeFs, "openSync"))
      assert.deepStrictEqual(read(`${directory}/file`, following), {
        _tag: "Unusable",
        issue: "it has 101 bytes, which is more than the limit of 100"
      })
      assert.strictEqual(opened.mock.calls.length, 0)
    }))

  it.live("that grows after it was looked at is read to its end all the same, and no further than the limit", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const file = writeFile(directory, "file", "")
      const empty = Fs.statSync(file)
      yield* spied(() => vi.spyOn(NodeFs, "statSync").mockImplementation(() => empty))
      for (const length of [1, 99, 100]) {
        writeFile(directory, "file", "x".repeat(length))
        assert.strictEqual(textOf(file), "x".repeat(length))
      }
      const byteCounts = yield* spied(() => vi.spyOn(NodeFs, "readSync"))
      writeFile(directory, "file", "x".repeat(100_000))
      assert.strictEqual(read(file, following)._tag, "Unusable")
      const taken = byteCounts.mock.results.reduce((sum, { value }) => sum + Number(value), 0)
      assert.strictEqual(taken, 101)
    }))

  it.live("can be one of /proc, which has no size", () =>
    Effect.sync(() => {
      const reading = read("/proc/self/status", { ...following, maxBytes: 1_000_000 })
      assert(reading._tag === "Present")
      assert.strictEqual(Buffer.from(reading.bytes).toString("latin1", 0, 5), "Name:")
    }))

  it.live("that is missing, or was removed between two looks, is absent", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      assert.deepStrictEqual(read(`${directory}/missing`, following), { _tag: "Absent" })
      const info = Fs.statSync(writeFile(directory, "file", ""))
      yield* spied(() => vi.spyOn(NodeFs, "statSync").mockImplementation(() => info))
      assert.deepStrictEqual(read(`${directory}/gone`, following), { _tag: "Absent" })
    }))

  it.live("may be refused for what else it is", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const file = writeFile(directory, "file", "text", 0o640)
      const issueOf = ({ mode }: Fs.Stats) => (mode & 0o777) === 0o640 ? "it is too open" : undefined
      assert.deepStrictEqual(read(file, { ...refusing, issueOf }), { _tag: "Unusable", issue: "it is too open" })
      assert.strictEqual(textOf(file, refusing), "text")
    }))
})

describe("what is no regular file", () => {
  const issueOf = (path: string, rules: Rules) => {
    const reading = read(path, rules)
    return reading._tag === "Unusable" ? reading.issue : reading._tag
  }

  it.live("is not opened, and is said to be what it is", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      makeFifo(`${directory}/fifo`)
      yield* makeSocket(`${directory}/socket`)
      Fs.symlinkSync("fifo", `${directory}/link`)
      Fs.symlinkSync("/dev/zero", `${directory}/zero`)
      const opened = yield* spied(() => vi.spyOn(NodeFs, "openSync"))
      assert.deepStrictEqual(
        [`${directory}/fifo`, `${directory}/socket`, `${directory}/link`, `${directory}/zero`, "/dev/null"].map((
          path
        ) => [
          issueOf(path, following),
          issueOf(path, refusing)
        ]),
        [
          ["it is a FIFO, not a regular file", "it is a FIFO, not a regular file"],
          ["it is a socket, not a regular file", "it is a socket, not a regular file"],
          ["it is a FIFO, not a regular file", "it is a symbolic link, not a regular file"],
          ["it is a character device, not a regular file", "it is a symbolic link, not a regular file"],
          ["it is a character device, not a regular file", "it is a character device, not a regular file"]
        ]
      )
      assert.strictEqual(opened.mock.calls.length, 0)
    }))

  it.live("does not keep its reader waiting where it has come into the place of one since", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const info = Fs.statSync(writeFile(directory, "file", "text"))
      makeFifo(`${directory}/fifo`)
      yield* spied(() => vi.spyOn(NodeFs, "statSync").mockImplementation(() => info))
      assert.strictEqual(textOf(`${directory}/fifo`), "")
      yield* spied(() => vi.spyOn(NodeFs, "lstatSync").mockImplementation(() => info))
      Fs.symlinkSync("file", `${directory}/link`)
      assert.strictEqual(thrown(() => read(`${directory}/link`, refusing)), "ELOOP")
    }))

  it.live("may be a link, which is followed to a regular file alone", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      writeFile(directory, "file", "text")
      Fs.symlinkSync("file", `${directory}/link`)
      Fs.symlinkSync("/nowhere/at/all", `${directory}/dangling`)
      Fs.symlinkSync("loop", `${directory}/loop`)
      assert.strictEqual(textOf(`${directory}/link`), "text")
      assert.strictEqual(
        issueOf(`${directory}/dangling`, following),
        "it is a link to /nowhere/at/all: no such file or directory"
      )
      assert.strictEqual(thrown(() => read(`${directory}/loop`, following)), "ELOOP")
    }))

  it.live("may be a directory, or be below what is none", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      writeFile(directory, "file", "")
      assert.strictEqual(thrown(() => read(directory, { ...following, maxBytes: 1 })), "EISDIR")
      assert.strictEqual(thrown(() => read(`${directory}/file/below`, following)), "ENOTDIR")
    }))
})

describe("a file that is added to", () => {
  it.live("is made for its owner alone, and grows", () =>
    Effect.gen(function*() {
      const file = `${yield* temporaryDirectory}/log`
      append(file, "one\n")
      append(file, "two\n")
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "one\ntwo\n")
      assert.strictEqual(Fs.statSync(file).mode & 0o777, 0o600)
    }))

  it.live("is a regular file, or none", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      makeFifo(`${directory}/fifo`)
      Fs.symlinkSync("elsewhere", `${directory}/link`)
      const codes = [`${directory}/fifo`, `${directory}/link`, directory].map((path) => [
        thrown(() => append(path, "text")),
        thrown(() => identifyRegular(path))
      ])
      assert.deepStrictEqual(codes, [["NotRegular", "NotRegular"], ["NotRegular", "NotRegular"], ["EISDIR", "EISDIR"]])
      assert.deepStrictEqual(Fs.readdirSync(directory).toSorted(), ["fifo", "link"])
    }))
})

/** Files that name network namespaces: which are the same as before, and which only have the path of one that was. */
import { assert, describe, it } from "@effect/vitest"
import { JournalEntry, NetworkNamespaces } from "effect-cni"
import { NodeNetworkNamespaces } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { temporaryDirectory, until, writeFile } from "../support/directory.ts"

const identify = (path: string) =>
  Effect.provide(NetworkNamespaces.use((namespaces) => namespaces.identify(path)), NodeNetworkNamespaces.layer)

/** Whether a path names the same namespace after something was done as before. */
const isSameAfter = Effect.fnUntraced(function*(path: string, action: () => void) {
  const before = yield* identify(path)
  assert.isDefined(before)
  action()
  return JournalEntry.isSameNamespace(before, yield* identify(path))
})

const ip = (...args: ReadonlyArray<string>) => ChildProcess.spawnSync("ip", ["netns", ...args])

const canMakeNamespaces = (() => {
  const name = `effect-cni-test-${process.pid}`
  return ip("add", name).status === 0 && ip("delete", name).status === 0
})()

/** The name of a network namespace, and the path of it. */
const namespace = (suffix: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const name = `effect-cni-${process.pid}-${suffix}`
      assert.strictEqual(ip("add", name).status, 0)
      return { name, path: `/run/netns/${name}` }
    }),
    ({ name }) => Effect.sync(() => void ip("delete", name))
  )

describe("NodeNetworkNamespaces", () => {
  it.live("tells files apart, and a file from one that took its path", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const [left, right] = [writeFile(directory, "left", ""), writeFile(directory, "right", "")]
      assert.isTrue(yield* isSameAfter(left, () => {}))
      assert.isFalse(JournalEntry.isSameNamespace(yield* identify(left), yield* identify(right)))
      assert.isFalse(yield* isSameAfter(left, () => Fs.renameSync(right, left)))
    }))

  it.live("says in which boot it has seen a file, beside device, inode and time", () =>
    Effect.gen(function*() {
      const file = writeFile(yield* temporaryDirectory, "file", "")
      const { ctimeNs, dev, ino } = Fs.statSync(file, { bigint: true })
      assert.deepStrictEqual(yield* identify(file), {
        device: `${dev}`,
        inode: `${ino}`,
        boot: Fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
        createdAt: `${ctimeNs}`
      })
    }))

  it.live.each([
    ["nothing is", "missing"],
    ["a link leads nowhere", "dangling"],
    ["a file is taken for a directory", "file/x"],
    ["no path can be", "\0"],
    ["the path is empty", ""]
  ])("gives nothing where %s", ([, name = ""]) =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      writeFile(directory, "file", "")
      Fs.symlinkSync("missing", `${directory}/dangling`)
      assert.isUndefined(yield* identify(name === "" ? "" : `${directory}/${name}`))
    }))

  it.live("knows our own namespace again, by every path that /proc has for it", () =>
    Effect.gen(function*() {
      const path = "/proc/self/ns/net"
      const before = yield* identify(path)
      // Long enough for the kernel to give what it makes anew another time.
      const start = performance.now()
      yield* until(() => performance.now() > start + 30)
      assert.isTrue(JournalEntry.isSameNamespace(before, yield* identify(path)))
      assert.isTrue(JournalEntry.isSameNamespace(yield* identify(path), yield* identify(`/proc/${process.pid}/ns/net`)))
      assert.isFalse(JournalEntry.isSameNamespace(yield* identify(path), yield* identify("/proc/self/ns/mnt")))
    }))

  it.live.skipIf(!canMakeNamespaces)(
    "tells a namespace from one that was made under the same name later",
    () =>
      Effect.gen(function*() {
        const { name, path } = yield* namespace("again")
        const untouched = yield* namespace("untouched")
        const recreate = () => {
          assert.strictEqual(ip("delete", name).status, 0)
          assert.strictEqual(ip("add", name).status, 0)
        }
        for (let at = 0; at < 5; at++) {
          const before = yield* identify(untouched.path)
          assert.isFalse(yield* isSameAfter(path, recreate))
          assert.isTrue(JournalEntry.isSameNamespace(before, yield* identify(untouched.path)))
        }
      })
  )

  it.live.skipIf(!canMakeNamespaces)(
    "gives another where only the file is left of a namespace",
    () =>
      Effect.gen(function*() {
        const { path } = yield* namespace("unmounted")
        assert.isFalse(
          yield* isSameAfter(path, () => assert.strictEqual(ChildProcess.spawnSync("umount", [path]).status, 0))
        )
      })
  )

  it.live.skipIf(!canMakeNamespaces)("knows a namespace again that is in use", () =>
    Effect.gen(function*() {
      const { name, path } = yield* namespace("used")
      const use = () => assert.strictEqual(ip("exec", name, "ip", "link", "set", "lo", "up").status, 0)
      assert.isTrue(yield* isSameAfter(path, use))
      assert.isTrue(yield* isSameAfter(path, () => Fs.closeSync(Fs.openSync(path, "r"))))
    }))
})

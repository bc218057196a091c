/** Files that name network namespaces: which are the same as before, and which only have the path of one that was. */
import { assert, describe, it } from "@effect/vitest"
import { JournalEntry, NetworkNamespaces } from "effect-cni"
import { NodeNetworkNamespaces } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { temporaryDirectory, until, writeFile } from "../../support/directory.ts"
import { needs } from "../../support/needs.ts"

const identify = (path: string) =>
  Effect.provide(NetworkNamespaces.use((namespaces) => namespaces.identify(path)), NodeNetworkNamespaces.layer)

const identityOf = Effect.fnUntraced(function*(path: string) {
  const found = yield* identify(path)
  return found._tag === "Namespace" ? found.id : assert.fail(`${path} names no namespace`)
})

const isSame = (left: JournalEntry.NamespaceId, right: JournalEntry.NamespaceId, atSamePath = true) =>
  JournalEntry.isSameNamespace(left, right, { atSamePath })

/** Whether a path names the same namespace after something was done as before. */
const isSameAfter = Effect.fnUntraced(function*(path: string, action: () => void) {
  const before = yield* identityOf(path)
  action()
  const after = yield* identify(path)
  return after._tag === "Namespace" && isSame(before, after.id)
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
  it.live("says in which boot it has seen our own namespace, and that it is ours, by whatever path", () =>
    Effect.gen(function*() {
      const boot = Fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
      const { dev, ino } = Fs.statSync("/proc/self/ns/net", { bigint: true })
      const link = `${yield* temporaryDirectory}/link`
      Fs.symlinkSync("/proc/self/ns/net", link)
      for (const path of ["/proc/self/ns/net", `/proc/${process.pid}/ns/net`, link]) {
        const found = yield* identify(path)
        assert.strictEqual(found._tag === "Namespace" && found.isOwn, true, path)
        assert.deepInclude(yield* identityOf(path), { device: `${dev}`, inode: `${ino}`, boot })
      }
    }))

  it.live("tells the namespace of a process from one of a later process with its pid, by when it was started", () =>
    Effect.gen(function*() {
      const { createdAt } = yield* identityOf(`/proc/${process.pid}/ns/net`)
      assert.match(createdAt ?? "", /^process \d+$/)
    }))

  it.live("takes a plain file, a pipe, a device and a directory for no namespace, and opens none", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      assert.strictEqual(ChildProcess.spawnSync("mkfifo", [`${directory}/pipe`]).status, 0)
      for (const path of [writeFile(directory, "file", ""), `${directory}/pipe`, "/dev/null", directory]) {
        assert.deepStrictEqual(yield* identify(path), { _tag: "OtherFile" })
      }
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
      assert.deepStrictEqual(yield* identify(name === "" ? "" : `${directory}/${name}`), { _tag: "Nothing" })
    }))

  it.live("knows our own namespace again, by every path that /proc has for it", () =>
    Effect.gen(function*() {
      const path = "/proc/self/ns/net"
      const before = yield* identityOf(path)
      // Long enough for the kernel to give what it makes anew another time.
      const start = performance.now()
      yield* until(() => performance.now() > start + 30)
      assert.isTrue(isSame(before, yield* identityOf(path)))
      assert.isTrue(isSame(before, yield* identityOf(`/proc/${process.pid}/ns/net`), false))
      assert.isFalse(isSame(before, yield* identityOf("/proc/self/ns/mnt"), false))
    }))
})

describe("NodeNetworkNamespaces: real ones", () => {
  needs("the right to make network namespaces", canMakeNamespaces)

  it.live(
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
          const before = yield* identityOf(untouched.path)
          assert.isFalse(yield* isSameAfter(path, recreate))
          assert.isTrue(isSame(before, yield* identityOf(untouched.path)))
        }
      })
  )

  it.live(
    "finds no namespace where only the file is left of one",
    () =>
      Effect.gen(function*() {
        const { path } = yield* namespace("unmounted")
        assert.strictEqual(ChildProcess.spawnSync("umount", [path]).status, 0)
        assert.deepStrictEqual(yield* identify(path), { _tag: "OtherFile" })
      })
  )

  it.live("knows a namespace again that is in use", () =>
    Effect.gen(function*() {
      const { name, path } = yield* namespace("used")
      const use = () => assert.strictEqual(ip("exec", name, "ip", "link", "set", "lo", "up").status, 0)
      assert.isTrue(yield* isSameAfter(path, use))
      assert.isTrue(yield* isSameAfter(path, () => Fs.closeSync(Fs.openSync(path, "r"))))
    }))

  it.live(
    "finds an interface in another namespace by its MAC address, or none",
    () =>
      Effect.gen(function*() {
        const { name, path } = yield* namespace("looked-into")
        const link = [
          "-n",
          name,
          "link",
          "add",
          "eth0",
          "address",
          "02:00:00:00:00:07",
          "type",
          "veth",
          "peer",
          "name",
          "p0"
        ]
        assert.strictEqual(ChildProcess.spawnSync("ip", link).status, 0)
        const at = (some: string, ifName: string) =>
          Effect.provide(NetworkNamespaces.use((one) => one.interfaceAt(some, ifName)), NodeNetworkNamespaces.layer)
        const own = Fs.readlinkSync("/proc/self/ns/net")
        assert.deepStrictEqual(yield* at(path, "eth0"), { mac: "02:00:00:00:00:07" })
        assert.strictEqual(yield* at(path, "eth1"), "absent")
        assert.strictEqual(yield* at(`${path}-gone`, "eth0"), "unseen")
        assert.strictEqual(yield* at("/proc/self/ns/mnt", "eth0"), "unseen")
        assert.strictEqual(Fs.readlinkSync("/proc/thread-self/ns/net"), own)
      })
  )
})

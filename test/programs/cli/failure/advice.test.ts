/** Every command that is printed as advice: each is taken as it is printed, run, and does away with what it was printed for. */
import { assert, describe, it } from "@effect/vitest"
import { JournalEntry } from "effect-cni"
import { MemoryCni } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { leftBehind } from "../../../support/journalEntry.ts"
import { machine, type Outcome, wordsOf, type World } from "../support.ts"

const mynet = `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"},{"type":"portmap"}]}`
const key = { network: "mynet", containerId: "blue", ifName: "eth0" }

const result = { cniVersion: "1.0.0", ips: [{ address: "10.1.0.5/24" }] }
const record = JSON.stringify({
  kind: "cniCacheV1",
  networkName: "mynet",
  containerId: "blue",
  ifName: "eth0",
  config: btoa(mynet),
  result
})

/** A machine whose plugin portmap refuses an ADD, and whose bridge refuses a DEL, as long as they are broken. */
const fragile = (more: World = {}) => {
  const broken = { ADD: false, DEL: false }
  const no = MemoryCni.fail({ code: 100, msg: "no" })
  const world: World = {
    plugins: {
      bridge: ({ command }) => command === "DEL" && broken.DEL ? no : { ips: [{ address: "10.1.0.5/24" }] },
      portmap: ({ command }) => command === "ADD" && broken.ADD ? no : { ips: [{ address: "10.1.0.5/24" }] }
    },
    networks: { "10-mynet.conflist": mynet },
    ...more
  }
  return { broken, world }
}

/** The commands that a call has printed: each has a line of its own. */
const printed = ({ stderr, stdout }: Outcome): ReadonlyArray<string> =>
  [...`${stdout}\n${stderr}`.matchAll(/^ +(effect-cni .*)$/gm)].map(([, line = ""]) => line)

const add = ["add", "mynet", "/run/netns/blue", "--container-id", "blue"]
const nothing = /^nothing is attached/

/** Runs the advice that begins like that; it must be there. */
const follow = Effect.fnUntraced(function*(
  run: Effect.Success<ReturnType<typeof machine>>,
  advice: ReadonlyArray<string>,
  beginning: string
) {
  const line = advice.find((one) => one.startsWith(`effect-cni ${beginning}`)) ?? ""
  assert.notStrictEqual(line, "", `${beginning} is not among ${advice.join("; ")}`)
  const followed = yield* run(...wordsOf(line).slice(1))
  assert.strictEqual(followed.status, 0, `${line}: ${followed.stderr}`)
  return followed
})

describe("the commands that are printed as advice", () => {
  it.effect("detach what an ADD found to be attached", () =>
    Effect.gen(function*() {
      const run = yield* machine(fragile().world)
      yield* run(...add)
      yield* follow(run, printed(yield* run(...add)), "del mynet")
      assert.strictEqual((yield* run(...add)).status, 0)
    }).pipe(Effect.scoped))

  it.effect.each(["-i", "--json"])("detach an interface with the name %j", (ifName) =>
    Effect.gen(function*() {
      const run = yield* machine(fragile().world)
      const odd = [...add, `--ifname=${ifName}`]
      yield* run(...odd)
      yield* follow(run, printed(yield* run(...odd)), "del mynet")
      assert.match((yield* run("attachments")).stdout, nothing)
    }).pipe(Effect.scoped))

  it.effect("detach what a DEL of another network was asked to", () =>
    Effect.gen(function*() {
      const other = mynet.replace("mynet", "other")
      const run = yield* machine(fragile({ networks: { "1.conflist": mynet, "2.conflist": other } }).world)
      yield* run(...add)
      yield* follow(run, printed(yield* run("del", "other", ...add.slice(2))), "del mynet")
      assert.match((yield* run("attachments")).stdout, nothing)
    }).pipe(Effect.scoped))

  it.effect.each(["recover", "abandon"])(
    "%s what an ADD could not undo, whichever command prints it",
    (command) =>
      Effect.gen(function*() {
        for (
          const printing of [add, ["attachments"], ["inspect", "blue"], ["recover"], ["del", "--all", ...add.slice(3)]]
        ) {
          if (command === "recover" && printing[0] === "recover") continue
          const { broken, world } = fragile()
          const run = yield* machine(world)
          Object.assign(broken, { ADD: true, DEL: true })
          const adding = yield* run(...add)
          const told = printing === add ? adding : yield* run(...printing)
          Object.assign(broken, { ADD: false, DEL: command === "abandon" })
          const lines = printing[0] === "inspect"
            ? [...told.stdout.matchAll(/─ (effect-cni .*)$/gm)].map(([, line = ""]) => line)
            : printed(told)
          yield* follow(run, lines, command)
          assert.match((yield* run("attachments")).stdout, nothing)
        }
      }).pipe(Effect.scoped)
  )

  it.effect("are those of an ADD that finds what could not be deleted", () =>
    Effect.gen(function*() {
      const { broken, world } = fragile()
      const run = yield* machine(world)
      Object.assign(broken, { ADD: true, DEL: true })
      yield* run(...add)
      const advice = printed(yield* run(...add))
      broken.ADD = false
      yield* follow(run, advice, "abandon")
      assert.strictEqual((yield* run(...add)).status, 0)
    }).pipe(Effect.scoped))

  it.effect.each<readonly [string, Partial<JournalEntry.JournalEntry>, string]>([
    ["whose runtime died", {}, "recover"],
    ["whose scope died", { state: "attached", scoped: true, result: {} }, "recover"],
    ["that another runtime deleted", { state: "attached", since: 0 }, "recover"],
    ["whose DEL died", { state: "deleting" }, "recover"]
  ])("clean up after an attachment %s", ([, entry, command]) =>
    Effect.gen(function*() {
      const journal = {
        "mynet-blue-eth0": JournalEntry.encode({ ...leftBehind(key), plugins: [{ type: "bridge" }], ...entry })
      }
      const run = yield* machine(fragile({ journal }).world)
      const listed = yield* run("attachments")
      yield* follow(run, printed(listed), command)
      assert.match((yield* run("attachments")).stdout, nothing, listed.stdout)
    }).pipe(Effect.scoped))

  it.effect("detach what has lost its namespace", () =>
    Effect.gen(function*() {
      const entry: JournalEntry.JournalEntry = {
        ...leftBehind(key),
        state: "attached",
        netns: "/run/netns/blue",
        namespace: { device: "9", inode: "another", boot: "memory" },
        plugins: [{ type: "bridge" }],
        result
      }
      const run = yield* machine(
        fragile({
          cache: { "mynet-blue-eth0": record },
          journal: { "mynet-blue-eth0": JournalEntry.encode(entry) }
        }).world
      )
      yield* follow(run, printed(yield* run("attachments")), "del mynet")
      assert.match((yield* run("attachments")).stdout, nothing)
    }).pipe(Effect.scoped))

  it.effect("show what is attached, where something is not", () =>
    Effect.gen(function*() {
      const run = yield* machine(fragile().world)
      for (const call of [["check", "mynet", "/run/netns/blue"], ["inspect", "blue"], ["ls"]]) {
        const { stdout } = yield* follow(run, printed(yield* run(...call)), "attachments")
        assert.match(stdout, nothing)
      }
    }).pipe(Effect.scoped))

  it.effect("ask a plugin that was not asked", () =>
    Effect.gen(function*() {
      const run = yield* machine({ plugins: { mine: {} } })
      const { invocations } = yield* follow(
        run,
        printed(yield* run("plugins", "--plugin-dir", "/memory/bin")),
        "plugins mine --plugin-dir /memory/bin"
      )
      assert.deepStrictEqual(invocations, ["mine VERSION"])
    }).pipe(Effect.scoped))

  it.effect("have the directories of the call that prints them, quoted for a shell", () =>
    Effect.gen(function*() {
      const run = yield* machine(fragile().world)
      const directories = [
        "--cache-dir",
        "/my cache",
        "--plugin-dir",
        "/a",
        "--plugin-dir",
        "/it's",
        "--conf-dir",
        "/c"
      ]
      yield* run(...add)
      const [line = ""] = printed(yield* run(...add, ...directories))
      assert.strictEqual(
        line,
        "effect-cni del mynet --container-id blue -i eth0 --conf-dir /c --plugin-dir /a --plugin-dir '/it'\\''s' " +
          "--cache-dir '/my cache'"
      )
    }).pipe(Effect.scoped))
})

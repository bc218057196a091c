/** `effect-cni exec` with real namespaces: whatever happens to it, nothing is left and the exit status is right. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { temporaryDirectory, until, writeFile, writePlugin } from "../support/directory.ts"
import { hasCommand, missingForRealPlugins, referencePlugins, succeeds, unique } from "./support.ts"

const program = Path.join(import.meta.dirname, "../../src/programs/cli/bin.ts")

/**
 * A host of its own. Its network has the reference plugin `bridge`, and after it the scripted plugin `last`, which writes
 * down what it is asked, and in which namespace, does what a test says, and passes the result on.
 */
const host = (body = "") =>
  Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    const bridge = unique("").replaceAll("-", "").slice(0, 12)
    yield* Effect.addFinalizer(() => Effect.sync(() => succeeds("ip", "link", "del", bridge)))
    const answer =
      `[ $CNI_COMMAND != ADD ] || sed -e 's/^.*"prevResult"://' -e 's/,"type":"last"}$//' ${directory}/stdin`
    writePlugin(
      directory,
      "bin/last",
      `cat > ${directory}/stdin\necho "$CNI_COMMAND $CNI_NETNS" >> ${directory}/log\n${body}\n${answer}`
    )
    const ipam = { type: "host-local", dataDir: `${directory}/ipam`, ranges: [[{ subnet: "10.213.78.0/24" }]] }
    const dns = { nameservers: ["10.213.78.1"], search: ["example.org"] }
    const plugins = [{ type: "bridge", bridge, ipam, dns }, { type: "last" }]
    writeFile(directory, "conf/1.conflist", JSON.stringify({ cniVersion: "1.0.0", name: "mynet", plugins }))
    const env = {
      ...process.env,
      XDG_CACHE_HOME: directory,
      NETCONFPATH: `${directory}/conf`,
      CNI_PATH: `${directory}/bin:${referencePlugins}`,
      CNI_CACHE_DIR: `${directory}/cache`
    }
    const call = (...args: ReadonlyArray<string>) => [
      process.execPath,
      "--conditions=effect-cni-source",
      program,
      ...args
    ]
    // In a session of its own, so that no terminal of the tests is its terminal.
    const start = (...args: ReadonlyArray<string>) =>
      ChildProcess.spawn(process.execPath, call(...args).slice(1), { env, detached: true })
    // With a terminal of its own, whose keys are what is written to stdin. No shell stays between: Ctrl-C would end it.
    const onTerminal = (...args: ReadonlyArray<string>) =>
      ChildProcess.spawn("script", ["-qefc", `exec ${call(...args).map(quoted).join(" ")}`, "/dev/null"], {
        env: { ...env, SHELL: "/bin/sh" },
        detached: true
      })
    return { bridge, directory, onTerminal, start }
  })

type Host = Effect.Success<ReturnType<typeof host>>

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

const ended = (child: ChildProcess.ChildProcessWithoutNullStreams) =>
  Effect.callback<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>((resume) => {
    const said = { stdout: "", stderr: "" }
    child.stdout.on("data", (chunk) => said.stdout += String(chunk))
    child.stderr.on("data", (chunk) => said.stderr += String(chunk))
    child.on("close", (status) => resume(Effect.succeed({ status, ...said })))
  })

const logOf = ({ directory }: Host): ReadonlyArray<string> =>
  Fs.existsSync(`${directory}/log`) ? Fs.readFileSync(`${directory}/log`, "utf8").trim().split("\n") : []

const asked = (host: Host, command: string) => until(() => logOf(host).some((line) => line.startsWith(command)))

const there = (file: string) => until(() => Fs.existsSync(file))

const namesIn = (directory: string): ReadonlyArray<string> => Fs.existsSync(directory) ? Fs.readdirSync(directory) : []

/** Everything that an exec may leave on a host. */
const left = (host: Host) => {
  const { bridge, directory } = host
  const namespaces = new Set(logOf(host).map((line) => line.split(" ")[1] ?? ""))
  return {
    namespaces: [...namespaces].filter((path) => path !== "" && Fs.existsSync(path)),
    files: [...namespaces].filter((path) => path !== "" && Fs.existsSync(Path.join("/etc/netns", Path.basename(path)))),
    links: namesIn(`/sys/class/net/${bridge}/brif`),
    records: namesIn(`${directory}/cache/results`),
    journal: namesIn(`${directory}/cache/effect-cni/journal`).flatMap((shard) =>
      namesIn(`${directory}/cache/effect-cni/journal/${shard}`)
    ),
    locks: namesIn(`${directory}/cache/effect-cni/locks`).filter((name) => !/^(network-|gate-|checked$)/.test(name)),
    addresses: namesIn(`${directory}/ipam/mynet`).filter((name) => /^\d+\./.test(name))
  }
}

const nothing = { namespaces: [], files: [], links: [], records: [], journal: [], locks: [], addresses: [] }

const isPossible = missingForRealPlugins.length === 0 && hasCommand("script")
const ctrlC = "\u0003"

describe.skipIf(!isPossible)("effect-cni exec with real namespaces", () => {
  it.live("runs the command where the plugins have put an interface, and ends as it does", () =>
    Effect.gen(function*() {
      const one = yield* host()
      const { status, stderr, stdout } = yield* ended(
        one.start("exec", "mynet", "--", "sh", "-c", "ip -4 -o addr; cat /etc/resolv.conf; echo aside >&2; exit 7")
      )
      assert.deepStrictEqual([status, stderr], [7, "aside\n"])
      assert.match(stdout, /^\d+: lo .*127\.0\.0\.1\/8.*\n\d+: eth0 .*10\.213\.78\.\d+\/24/)
      assert.match(stdout, /\nnameserver 10\.213\.78\.1\nsearch example\.org\n$/)
      assert.deepStrictEqual(left(one), nothing)
    }))

  it.live.each([["KILL", 137], ["TERM", 143], ["INT", 130]] as const)(
    "passes on that the command was ended by SIG%s",
    ([signal, expected]) =>
      Effect.gen(function*() {
        const one = yield* host()
        const { status } = yield* ended(one.start("exec", "mynet", "--", "sh", "-c", `kill -${signal} $$`))
        assert.strictEqual(status, expected)
        assert.deepStrictEqual(left(one), nothing)
      })
  )

  it.live("leaves nothing where a plugin fails, or hangs for too long", () =>
    Effect.gen(function*() {
      const failing = yield* host(`[ $CNI_COMMAND != ADD ] || { echo '{"code":11,"msg":"later"}'; exit 1; }`)
      const failed = yield* ended(failing.start("exec", "mynet", "--", "true"))
      assert.deepStrictEqual([failed.status, failed.stdout], [1, ""])
      assert.match(failed.stderr, /plugin type="last" failed \(add\): later\n$/)
      assert.deepStrictEqual(left(failing), nothing)
      const hanging = yield* host(`[ $CNI_COMMAND != ADD ] || exec sleep 600`)
      const timedOut = yield* ended(hanging.start("exec", "mynet", "--timeout", "1s", "--", "true"))
      assert.strictEqual(timedOut.status, 1)
      assert.deepStrictEqual(left(hanging), nothing)
    }))

  it.live("ends what the command has left running", () =>
    Effect.gen(function*() {
      const one = yield* host()
      const { status, stdout } = yield* ended(
        one.start("exec", "mynet", "--", "sh", "-c", "sleep 600 > /dev/null 2>&1 & echo $!")
      )
      assert.strictEqual(status, 0)
      assert.isFalse(Fs.existsSync(`/proc/${stdout.trim()}/exe`))
      assert.deepStrictEqual(left(one), nothing)
    }))

  it.live("leaves Ctrl-C to the command, which may go on as often as it likes", () =>
    Effect.gen(function*() {
      const one = yield* host()
      const deaf = `trap 'echo heard >> ${one.directory}/heard' INT; touch ${one.directory}/ready; ` +
        `until [ -e ${one.directory}/go ]; do sleep 0.02; done; exit 5`
      const child = one.onTerminal("exec", "mynet", "--", "sh", "-c", deaf)
      const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
      yield* there(`${one.directory}/ready`)
      const heard = () =>
        Fs.existsSync(`${one.directory}/heard`) ? Fs.readFileSync(`${one.directory}/heard`, "utf8").length / 6 : 0
      for (const times of [1, 2, 3]) {
        child.stdin.write(ctrlC)
        yield* until(() => heard() === times)
      }
      writeFile(one.directory, "go", "")
      const { status, stdout } = yield* Fiber.join(ending)
      assert.deepStrictEqual([status, heard()], [5, 3])
      assert.notInclude(stdout, "interrupted")
      assert.deepStrictEqual(left(one), nothing)
    }))

  it.live("ends with a command that Ctrl-C ends", () =>
    Effect.gen(function*() {
      const one = yield* host()
      const child = one.onTerminal("exec", "mynet", "--", "sh", "-c", `touch ${one.directory}/ready; exec sleep 600`)
      const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
      yield* there(`${one.directory}/ready`)
      child.stdin.write(ctrlC)
      const { status, stdout } = yield* Fiber.join(ending)
      assert.strictEqual(status, 130)
      assert.match(stdout, /eth0 on mynet: 10\.213\.78\.\d+\/24/)
      assert.deepStrictEqual(left(one), nothing)
    }))

  it.live("passes a SIGINT on that only we have got", () =>
    Effect.gen(function*() {
      const one = yield* host()
      const child = one.start("exec", "mynet", "--", "sh", "-c", `touch ${one.directory}/ready; exec sleep 600`)
      const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
      yield* there(`${one.directory}/ready`)
      child.kill("SIGINT")
      assert.strictEqual((yield* Fiber.join(ending)).status, 130)
      assert.deepStrictEqual(left(one), nothing)
    }))

  it.live.each([["SIGTERM", 143], ["SIGHUP", 129]] as const)(
    "ends the command, and all that it started, on %s",
    ([signal, expected]) =>
      Effect.gen(function*() {
        const one = yield* host()
        const child = one.start("exec", "mynet", "--", "sh", "-c", `sleep 600 & touch ${one.directory}/ready; wait`)
        const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
        yield* there(`${one.directory}/ready`)
        child.kill(signal)
        const { status, stderr } = yield* Fiber.join(ending)
        assert.strictEqual(status, expected)
        assert.match(stderr, /interrupted: what was attached is detached, and the namespace is removed\n$/)
        assert.deepStrictEqual(left(one), nothing)
      })
  )

  it.live("undoes the attachment that Ctrl-C falls into, however often it is pressed", () =>
    Effect.gen(function*() {
      const one = yield* host(
        `if [ $CNI_COMMAND = ADD ]; then exec sleep 600; else until [ -e $(dirname $0)/../go ]; do sleep 0.02; done; fi`
      )
      const child = one.onTerminal("exec", "mynet", "--", "true")
      const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
      yield* asked(one, "ADD")
      child.stdin.write(ctrlC)
      yield* asked(one, "DEL")
      child.stdin.write(ctrlC + ctrlC)
      writeFile(one.directory, "go", "")
      const { status, stdout } = yield* Fiber.join(ending)
      assert.strictEqual(status, 130)
      assert.match(stdout, /interrupted: what was attached is detached/)
      assert.deepStrictEqual(left(one), nothing)
    }))

  it.live("goes on detaching when Ctrl-C is pressed meanwhile, and ends as its command did", () =>
    Effect.gen(function*() {
      const one = yield* host(`[ $CNI_COMMAND = ADD ] || until [ -e $(dirname $0)/../go ]; do sleep 0.02; done`)
      const child = one.onTerminal("exec", "mynet", "--", "sh", "-c", "exit 5")
      const told = { text: "" }
      child.stdout.on("data", (chunk) => told.text += String(chunk))
      const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
      yield* asked(one, "DEL")
      for (const times of [1, 2]) {
        child.stdin.write(ctrlC)
        yield* until(() => told.text.split("still undoing").length > times)
      }
      writeFile(one.directory, "go", "")
      const { status, stdout } = yield* Fiber.join(ending)
      assert.strictEqual(status, 5)
      assert.notInclude(stdout, "interrupted")
      assert.deepStrictEqual(left(one), nothing)
    }))

  it.live("leaves Ctrl-\\ to the command, from its first moment to after its last", () =>
    Effect.gen(function*() {
      const one = yield* host()
      const quitting = () =>
        ended(one.start("exec", "mynet", "--", "sh", "-c", "trap '' QUIT; kill -QUIT $PPID; exit 3"))
      const endings = [yield* quitting(), yield* quitting(), yield* quitting()]
      assert.deepStrictEqual(endings.map(({ status }) => status), [3, 3, 3])
      assert.deepStrictEqual(left(one), nothing)
    }))

  it.live("is cleaned up after by recover, where it was killed", () =>
    Effect.gen(function*() {
      const one = yield* host()
      const child = one.start("exec", "mynet", "--", "sh", "-c", `echo $$ > ${one.directory}/ready; exec sleep 600`)
      const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
      yield* there(`${one.directory}/ready`)
      const alive = yield* ended(one.start("recover"))
      assert.match(alive.stdout, /left alone effect-cni-exec-\d+/)
      assert.notInclude(alive.stdout, `namespace effect-cni-exec-${child.pid}-`)
      child.kill("SIGKILL")
      yield* until(() => child.signalCode !== null)
      const elsewhere = yield* ended(one.start("recover", "--cache-dir", `${one.directory}/other`))
      assert.strictEqual(elsewhere.stdout, "nothing was left by runtimes that died\n")
      const { status, stdout } = yield* ended(one.start("recover"))
      assert.strictEqual(status, 0)
      assert.match(stdout, /recovered +effect-cni-exec-.* on mynet, which was attached for a process that has ended\n/)
      assert.match(stdout, new RegExp(`removed +namespace effect-cni-exec-${child.pid}-`))
      yield* Fiber.join(ending)
      assert.deepStrictEqual(left(one), nothing)
    }))
})

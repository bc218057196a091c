/** What only real processes show: pipes, signals, groups, left-over children, files that the kernel will not run. */
import { assert, describe, it } from "@effect/vitest"
import { type JournalEntry, PluginExec, Tunables } from "effect-cni"
import { NodePluginExec, PosixSpawnPluginExec } from "effect-cni/node"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { contentOf, isAlive, temporaryDirectory, until, writeFile, writePlugin } from "../../support/directory.ts"
import { invocation } from "../../support/invocation.ts"
import { irregular } from "../../support/irregular.ts"

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

const pidIn = (file: string) => Effect.map(contentOf(file), Number)

const mebibyte = 1024 * 1024

/** The same of each way to start processes. */
const suite = (name: string, layer: Layer.Layer<PluginExec>) => {
  const run = (path: string, change: Parameters<typeof invocation>[0] = {}) =>
    Effect.provide(PluginExec.use((exec) => exec.run(invocation({ path, ...change }))), layer)

  /** Runs a shell script; `$DIR` in it is its directory. */
  const script = (body: string, change: Parameters<typeof invocation>[0] = {}) =>
    Effect.flatMap(
      temporaryDirectory,
      (directory) => run(writePlugin(directory, "a", `DIR=${directory}\n${body}`), change)
    )

  describe(`${name}: input and output`, () => {
    it.live("gives the plugin our environment with the CNI variables set over it, and its stdin to the end", () =>
      Effect.gen(function*() {
        const { stdout } = yield* script(`cat; echo "|$CNI_COMMAND|$CNI_IFNAME|$HOME"`, { stdin: `{"name":"net"}` })
        assert.strictEqual(text(stdout).trim(), `{"name":"net"}|ADD|eth0|${process.env["HOME"] ?? ""}`)
      }))

    it.live("gives it our environment as it is at that moment, however large", () =>
      Effect.gen(function*() {
        const names = Array.from({ length: 1500 }, (_, at) => `EFFECT_CNI_TEST_${at}`)
        const environment = Effect.map(script("cat /proc/$$/environ"), ({ stdout }) => text(stdout).split("\0"))
        for (const name of names) process.env[name] = `${name} ö`
        const many = yield* environment
        for (const name of names) delete process.env[name]
        assert.deepStrictEqual(names.filter((name) => !many.includes(`${name}=${name} ö`)), [])
        const few = yield* environment
        assert.deepStrictEqual(few.filter((variable) => variable.startsWith("EFFECT_CNI_TEST_")), [])
        const own = Object.entries(process.env).map(([name, value]) => `${name}=${value}`)
        assert.deepStrictEqual(own.filter((variable) => !few.includes(variable)), [])
      }))

    it.live("sets the CNI variables over those that we have ourselves", () =>
      Effect.gen(function*() {
        process.env["CNI_IFNAME"] = "ours"
        const { stdout } = yield* script("tr '\\0' '\\n' < /proc/$$/environ | grep CNI_IFNAME").pipe(
          Effect.ensuring(Effect.sync(() => delete process.env["CNI_IFNAME"]))
        )
        assert.strictEqual(text(stdout), "CNI_IFNAME=eth0\n")
      }))

    it.live("refuses a variable that would be cut off, and goes on", () =>
      Effect.gen(function*() {
        const environment = { ...invocation({}).environment, CNI_ARGS: "A=1\0B=2" }
        const error = yield* Effect.flip(script("exit 0", { environment }))
        assert.strictEqual(error._tag, "PluginSpawnFailed")
        assert.deepStrictEqual((yield* script("exit 0")).exit, { _tag: "Exited", status: 0 })
      }))

    it.live("does not mind a plugin that never reads 1 MB of stdin", () =>
      Effect.gen(function*() {
        const { exit, stdout } = yield* script("echo '{}'", { stdin: "x".repeat(mebibyte) })
        assert.deepStrictEqual([exit, text(stdout)], [{ _tag: "Exited", status: 0 }, "{}\n"])
      }))

    it.live("gets back 1 MB that a plugin echoes", () =>
      Effect.gen(function*() {
        const stdin = "x".repeat(mebibyte)
        assert.strictEqual(text((yield* script("cat", { stdin })).stdout), stdin)
      }))

    it.live("keeps multi-byte characters that arrive in pieces", () =>
      Effect.gen(function*() {
        const { stdout } = yield* script(`printf '\\303'; printf '\\266'`)
        assert.strictEqual(text(stdout), "ö")
      }))

    it.live("stops a plugin that prints 100 MB, and keeps no more than the limit", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(script("exec head -c 104857600 /dev/zero"))
        assert(error._tag === "PluginOutputInvalid")
        assert.match(error.reason, /more than the 16777216 bytes/)
        assert.isAtMost(error.excerpt.length, 512)
      }))

    it.live("reads all of 5 MB of stderr, and keeps the last 64 KiB", () =>
      Effect.gen(function*() {
        const { exit, stderr } = yield* script("head -c 5242880 /dev/zero | tr '\\0' x >&2; printf end >&2")
        assert.deepStrictEqual(exit, { _tag: "Exited", status: 0 })
        assert.strictEqual(stderr.length, 65_536)
        assert.isTrue(stderr.endsWith("xend"))
      }))
  })

  describe(`${name}: ends`, () => {
    it.live("tells the signal that killed a plugin", () =>
      Effect.gen(function*() {
        const { exit, stderr } = yield* script("ulimit -c 0; echo about to die >&2; kill -SEGV $$")
        assert.deepStrictEqual([exit, stderr], [{ _tag: "Signalled", signal: "SIGSEGV" }, "about to die\n"])
      }))

    it.live("runs what a terminal's signal ended before it said a word again, but for ADD, and not for ever", () =>
      Effect.gen(function*() {
        const once = `echo >> $DIR/runs; test $(wc -l < $DIR/runs) = 1 && kill -INT $$; echo ran`
        const again = yield* script(once, { command: "DEL" })
        assert.deepStrictEqual([again.exit, text(again.stdout)], [{ _tag: "Exited", status: 0 }, "ran\n"])
        assert.deepStrictEqual((yield* script(once)).exit, { _tag: "Signalled", signal: "SIGINT" })
        const spoke = yield* script(`echo >> $DIR/runs; wc -l < $DIR/runs; kill -INT $$`, { command: "DEL" })
        assert.deepStrictEqual([spoke.exit, text(spoke.stdout).trim()], [{ _tag: "Signalled", signal: "SIGINT" }, "1"])
        const always = yield* script("kill -HUP $$", { command: "DEL" })
        assert.deepStrictEqual(always.exit, { _tag: "Signalled", signal: "SIGHUP" })
      }))

    it.live("ends a plugin and its children with SIGTERM when interrupted, and waits for the end", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writePlugin(
          directory,
          "a",
          `sleep 1000 & echo $! > ${directory}/child
         trap 'echo cleaned > ${directory}/trap; exit 1' TERM
         echo $$ > ${directory}/pid; wait`
        )
        const fiber = yield* Effect.forkChild(run(path))
        const pid = yield* pidIn(`${directory}/pid`)
        const child = yield* pidIn(`${directory}/child`)
        yield* Fiber.interrupt(fiber)
        assert.isFalse(isAlive(pid))
        assert.strictEqual(yield* contentOf(`${directory}/trap`), "cleaned")
        yield* until(() => !isAlive(child))
      }))

    it.live("ends a plugin whose start could not be told", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writePlugin(directory, "a", "exec sleep 1000")
        let pid = 0
        const telling = PluginExec.use((exec) =>
          exec.run(invocation({ path }), (process) => {
            pid = process.pid
            return Effect.die("a defect")
          })
        )
        const exit = yield* Effect.exit(Effect.provide(telling, layer))
        assert.isTrue(Exit.hasDies(exit))
        assert.isFalse(isAlive(pid))
      }))

    it.live("ends a plugin that ignores SIGTERM with SIGKILL after the grace period", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writePlugin(
          directory,
          "a",
          `trap '' TERM; echo $$ > ${directory}/pid; while :; do sleep 0.05; done`
        )
        const fiber = yield* Effect.forkChild(Effect.provideService(run(path), Tunables.KillGrace, "50 millis"))
        const pid = yield* pidIn(`${directory}/pid`)
        yield* Fiber.interrupt(fiber)
        assert.isFalse(isAlive(pid))
      }))

    it.live("says at a time limit which signal it took", () =>
      Effect.gen(function*() {
        const hang = (trap: string) =>
          script(`${trap} while :; do sleep 0.01; done`, { timeLimitMs: 300 }).pipe(
            Effect.provideService(Tunables.KillGrace, "100 millis"),
            Effect.flip
          )
        const polite = yield* hang("")
        const stubborn = yield* hang("trap '' TERM;")
        assert(polite._tag === "PluginTimeout" && stubborn._tag === "PluginTimeout")
        assert.deepStrictEqual([polite.endedBy, stubborn.endedBy], ["SIGTERM", "SIGKILL"])
        assert.include(stubborn.message, "it ran longer than 300 ms")
      }))

    it.live("tells of its process once, before it is over", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writePlugin(directory, "a", `until [ -e ${directory}/told ]; do sleep 0.01; done; echo $$`)
        const told: Array<number> = []
        const started = ({ pid }: JournalEntry.ProcessId) =>
          Effect.sync(() => {
            told.push(pid)
            Fs.writeFileSync(`${directory}/told`, "")
          })
        const running = PluginExec.use((exec) => exec.run(invocation({ path }), started))
        const { stdout } = yield* Effect.provide(running, layer)
        assert.deepStrictEqual(told, [Number(text(stdout))])
      }))

    it.live("is stopped where the caller cannot be told of it", () =>
      Effect.gen(function*() {
        const told: Array<number> = []
        const started = ({ pid }: JournalEntry.ProcessId) =>
          Effect.sync(() => told.push(pid)).pipe(Effect.andThen(Effect.die("no caller")))
        const path = writePlugin(yield* temporaryDirectory, "a", "sleep 1000")
        const running = PluginExec.use((exec) => exec.run(invocation({ path }), started))
        const exit = yield* Effect.exit(Effect.provide(running, layer))
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
        assert.deepStrictEqual(told.map(isAlive), [false])
      }))

    it.live("kills those of a stopped plugin's group that ignore SIGTERM", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writePlugin(
          directory,
          "a",
          `(trap '' TERM; echo started > ${directory}/ready; while :; do sleep 0.05; done) & echo $! > ${directory}/child
         wait`
        )
        const fiber = yield* Effect.forkChild(Effect.provideService(run(path), Tunables.KillGrace, "50 millis"))
        const child = yield* pidIn(`${directory}/child`)
        yield* contentOf(`${directory}/ready`)
        yield* Fiber.interrupt(fiber)
        yield* until(() => !isAlive(child))
      }))

    it.live("gives those of a stopped plugin's group their time to clean up when it is gone already", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const child =
          `trap 'sleep 0.3; echo cleaned > ${directory}/trap; exit' TERM; echo up > ${directory}/ready; while :; do sleep 0.05; done`
        const path = writePlugin(directory, "a", `(${child}) & wait`)
        const fiber = yield* Effect.forkChild(run(path))
        yield* contentOf(`${directory}/ready`)
        yield* Fiber.interrupt(fiber)
        assert.strictEqual(Fs.readFileSync(`${directory}/trap`, "utf8"), "cleaned\n")
      }))

    it.live("neither kills a daemon that a successful plugin leaves behind, nor waits for it to let go of stdout", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writePlugin(directory, "a", `sleep 1000 & echo $! > ${directory}/daemon; echo '{}'`)
        const { exit, stdout } = yield* run(path)
        assert.deepStrictEqual([exit, text(stdout)], [{ _tag: "Exited", status: 0 }, "{}\n"])
        const daemon = yield* pidIn(`${directory}/daemon`)
        assert.isTrue(isAlive(daemon))
        process.kill(daemon, "SIGKILL")
      }))

    it.live("does not wait for a daemon that writes for ever", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const body = `(while :; do echo noise >&2; echo noise; done) & echo $! > ${directory}/daemon; exit 0`
        const { exit } = yield* run(writePlugin(directory, "a", body))
        assert.deepStrictEqual(exit, { _tag: "Exited", status: 0 })
        yield* until(() => !isAlive(Number(Fs.readFileSync(`${directory}/daemon`, "utf8"))))
      }))
  })

  describe(`${name}: starts`, () => {
    const failure = (file: string | Uint8Array, mode = 0o755) =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writeFile(directory, "a", file, mode)
        Fs.utimesSync(path, anHourAgo, anHourAgo)
        const error = yield* Effect.flip(run(path))
        assert(error._tag === "PluginSpawnFailed")
        return error
      })
    const anHourAgo = Date.now() / 1000 - 3600

    const missingInterpreter = "#!/no/such/interpreter\n"
    const elf = Fs.readFileSync("/bin/sh")
    const patched = (at: number, value: number) => {
      const copy = Buffer.from(elf)
      copy.writeUInt16LE(value, at)
      return copy
    }

    it.live.each<readonly [string, string | Uint8Array, RegExp]>([
      ["an empty file", "", /empty/],
      ["one byte", "x", /neither a program nor a script/],
      ["shell commands without a #! line", "echo '{}'\nexit 0\n", /neither a program nor a script/],
      ["a #! line without an interpreter", "#!\nexit 0\n", /names no interpreter/],
      ["an interpreter that does not exist", missingInterpreter, /\/no\/such\/interpreter does not exist/],
      ["a program that is cut off in its header", elf.subarray(0, 40), /cut off/],
      ["a program that is cut off after its header", elf.subarray(0, 70), /cut off/],
      ["an object file", patched(16, 1), /object file/],
      ["a program for another machine", patched(18, 8), /another machine/]
    ])("never hands %s to a shell", ([, file, reason]) =>
      Effect.gen(function*() {
        const error = yield* failure(file)
        assert.strictEqual(error.reason, "BadFormat")
        assert.match(error.detail, reason)
        assert.strictEqual(error.errno, file === missingInterpreter ? "ENOENT" : "ENOEXEC")
      }))

    it.live.each(irregular.slice(0, 2))("says that %s has come into the place of a plugin, and does not wait for it", (
      [, make, reason]
    ) =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        yield* make(`${directory}/a`)
        Fs.chmodSync(`${directory}/a`, 0o755)
        const script = writeFile(directory, "script", `#!${directory}/a\n`, 0o755)
        for (const path of [`${directory}/a`, script]) {
          const error = yield* Effect.flip(run(path))
          assert(error._tag === "PluginSpawnFailed")
          assert.strictEqual(error.reason, "BadFormat")
          assert.match(error.detail, reason)
        }
      }))

    it.live("never hands a script whose interpreter is no program to a shell", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const interpreter = writeFile(directory, "interpreter", "exit 0", 0o755)
        const error = yield* failure(`#!${interpreter}\nexit 0\n`)
        assert.match(error.detail, /cannot be run/)
      }))

    it.live("runs programs and scripts of scripts", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const interpreter = writePlugin(directory, "interpreter", "echo from the interpreter")
        const { stdout } = yield* run(writeFile(directory, "a", `#! ${interpreter} -x\n`, 0o755))
        assert.strictEqual(text(stdout), "from the interpreter\n")
        assert.deepStrictEqual((yield* run("/bin/true")).exit, { _tag: "Exited", status: 0 })
      }))

    it.live("says that a file is gone or may not be executed", () =>
      Effect.gen(function*() {
        const gone = yield* Effect.flip(run("/no/such/plugin"))
        assert(gone._tag === "PluginSpawnFailed")
        assert.deepStrictEqual([gone.reason, gone.errno], ["NotFound", "ENOENT"])
        const { errno, reason } = yield* failure("#!/bin/sh\n", 0o644)
        assert.deepStrictEqual([reason, errno], ["PermissionDenied", "EACCES"])
      }))

    it.live("ends at once when interrupted while a start fails", () =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(run("/no/such/plugin"), { startImmediately: true })
        yield* Fiber.interrupt(fiber)
      }))

    it.live("says that arguments and environment are too large", () =>
      Effect.gen(function*() {
        const environment = { ...invocation({}).environment, CNI_ARGS: `A=${"x".repeat(200_000)}` }
        const error = yield* Effect.flip(script("exit 0", { environment }))
        assert(error._tag === "PluginSpawnFailed")
        assert.deepStrictEqual([error.reason, error.errno], ["TooBig", "E2BIG"])
      }))

    it.live("does not search PATH for a plugin whose path is relative", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(run("true"))
        assert(error._tag === "PluginSpawnFailed")
        assert.strictEqual(error.reason, "NotFound")
      }))
  })

  describe(`${name}: a file that is being written`, () => {
    const busy = Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const path = `${directory}/a`
      Fs.copyFileSync("/bin/true", path)
      Fs.chmodSync(path, 0o755)
      const writer = yield* Effect.acquireRelease(
        Effect.sync(() => {
          const descriptor = Fs.openSync(path, "r+")
          let isOpen = true
          return {
            close: () => {
              if (isOpen) Fs.closeSync(descriptor)
              isOpen = false
            }
          }
        }),
        ({ close }) => Effect.sync(close)
      )
      return { path, writer }
    })

    it.live("is tried again until it has been written, each time as a new process", () =>
      Effect.gen(function*() {
        const { path, writer } = yield* busy
        let tries = 0
        const schedule = Schedule.tap(Schedule.spaced("1 millis"), () =>
          Effect.sync(() => {
            if (++tries === 3) writer.close()
          }))
        const { exit } = yield* Effect.provideService(run(path), Tunables.BusyRetry, schedule)
        assert.deepStrictEqual(exit, { _tag: "Exited", status: 0 })
        assert.isAtLeast(tries, 3)
      }))

    it.live("is tried again while it looks half-written, too", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writeFile(directory, "a", "", 0o755)
        let tries = 0
        const schedule = Schedule.tap(Schedule.spaced("1 millis"), () =>
          Effect.sync(() => {
            if (++tries === 3) writePlugin(directory, "a", "exit 0")
          }))
        const { exit } = yield* Effect.provideService(run(path), Tunables.BusyRetry, schedule)
        assert.deepStrictEqual(exit, { _tag: "Exited", status: 0 })
      }))

    it.live("is an error when the tries run out", () =>
      Effect.gen(function*() {
        const { path } = yield* busy
        const schedule = Schedule.upTo(Schedule.spaced("1 millis"), { times: 3 })
        const error = yield* Effect.flip(Effect.provideService(run(path), Tunables.BusyRetry, schedule))
        assert(error._tag === "PluginSpawnFailed")
        assert.strictEqual(error.reason, "Busy")
      }))

    it.live("can be given up on by interruption", () =>
      Effect.gen(function*() {
        const { path } = yield* busy
        const fiber = yield* Effect.forkChild(run(path), { startImmediately: true })
        yield* Fiber.interrupt(fiber)
      }))
  })

  describe(`${name}: resources`, () => {
    it.live("leaves no descriptor and no process behind, 8 at a time", () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        const path = writePlugin(directory, "a", "cat")
        // Test files that ran before in this process may have left some of theirs.
        const pipes = () => Fs.readdirSync("/proc/self/fd").map(linkOf).filter((link) => link.startsWith("pipe:"))
        const children = () => Fs.readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ")
        const one = PluginExec.use((exec) => exec.run(invocation({ path })))
        const many = Effect.forEach(Array.from({ length: 64 }), () => one, { concurrency: 8, discard: true })
        yield* Effect.provide(many, layer)
        const before = new Set([...pipes(), ...children()])
        yield* Effect.provide(many, layer)
        yield* until(() => [...pipes(), ...children()].every((one) => before.has(one)))
      }))
  })
}

const linkOf = (descriptor: string): string => {
  try {
    return Fs.readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return ""
  }
}

suite("NodePluginExec", NodePluginExec.layer)
suite("PosixSpawnPluginExec", Layer.orDie(PosixSpawnPluginExec.layer))

describe("PosixSpawnPluginExec", () => {
  it.live("tells whether a killed plugin left a core", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const dying = (limit: string) => `cd ${directory}; ulimit -c ${limit}; kill -SEGV $$`
      const exitOf = (limit: string) =>
        Effect.map(
          Effect.provide(
            PluginExec.use((exec) => exec.run(invocation({ path: writePlugin(directory, "a", dying(limit)) }))),
            PosixSpawnPluginExec.layer
          ),
          ({ exit }) => exit
        )
      assert.deepStrictEqual(yield* exitOf("0"), { _tag: "Signalled", signal: "SIGSEGV" })
      // Whether there are cores at all is the host's to say, and its shell tells it.
      const { stderr } = ChildProcess.spawnSync("sh", ["-c", `sh -c '${dying("$(ulimit -H -c)")}'; true`], {
        encoding: "utf8"
      })
      const core = stderr.includes("core dumped") ? { coreDumped: true } : {}
      assert.deepStrictEqual(yield* exitOf("$(ulimit -H -c)"), { _tag: "Signalled", signal: "SIGSEGV", ...core })
    }))
})

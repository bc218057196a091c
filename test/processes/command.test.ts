/** The `effect-cni` command as a process: what it prints, how it ends, and what a signal leaves. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import packageJson from "../../package.json" with { type: "json" }
import { bundledCommand } from "../support/bundled.ts"
import { temporaryDirectory, until, writeFile, writePlugin } from "../support/directory.ts"
import { oneIn } from "../support/extent.ts"
import { makeFifo } from "../support/irregular.ts"

const program = await bundledCommand()

const configuration = (types: ReadonlyArray<string>) =>
  JSON.stringify({ cniVersion: "1.0.0", name: "mynet", plugins: types.map((type) => ({ type })) })

/** A host of its own: plugins by name, a network of them, and the command with these. */
const hostWith = (plugins: Readonly<Record<string, string>>, cache = "cache") =>
  Effect.map(temporaryDirectory, (directory) => {
    for (const [name, body] of Object.entries(plugins)) {
      writePlugin(
        directory,
        `bin/${name}`,
        `cat > ${directory}/stdin\necho "${name} $CNI_COMMAND" >> ${directory}/log\n${body}`
      )
    }
    writeFile(directory, "conf/1.conflist", configuration(Object.keys(plugins)))
    const env = {
      ...process.env,
      XDG_CACHE_HOME: directory,
      NETCONFPATH: `${directory}/conf`,
      CNI_PATH: `${directory}/bin`,
      CNI_CACHE_DIR: `${directory}/${cache}`
    }
    const start = (...args: ReadonlyArray<string>) => ChildProcess.spawn(process.execPath, [program, ...args], { env })
    return { directory, env, start }
  })

/** All that a process says, and how it ends. */
const ended = (child: ChildProcess.ChildProcessWithoutNullStreams) =>
  Effect.callback<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>((resume) => {
    const said = { stdout: "", stderr: "" }
    child.stdout.on("data", (chunk) => said.stdout += String(chunk))
    child.stderr.on("data", (chunk) => said.stderr += String(chunk))
    child.on("close", (status) => resume(Effect.succeed({ status, ...said })))
  })

/** Waits for it to say something on stderr. */
const heard = (child: ChildProcess.ChildProcessWithoutNullStreams, words: string) =>
  Effect.callback<void>((resume) => {
    child.stderr.on("data", (chunk) => {
      if (String(chunk).includes(words)) resume(Effect.void)
    })
  })

const logOf = (directory: string) => Fs.readFileSync(`${directory}/log`, "utf8").trim().split("\n")

const answering = `[ $CNI_COMMAND != ADD ] || echo '{"cniVersion":"1.0.0"}'`

describe("effect-cni as a process", () => {
  it.live("attaches, and the next one detaches", () =>
    Effect.gen(function*() {
      const { directory, start } = yield* hostWith({ a: answering })
      const add = yield* ended(start("add", "mynet", "/run/netns/blue"))
      assert.deepStrictEqual(add, { status: 0, stdout: `{\n    "cniVersion": "1.0.0"\n}`, stderr: "" })
      assert.deepStrictEqual(Fs.readdirSync(`${directory}/cache/results`), [
        "mynet-cnitool-df26705e2e4ffd095eb1-eth0"
      ])
      assert.deepStrictEqual(yield* ended(start("del", "mynet", "/run/netns/blue")), {
        status: 0,
        stdout: "",
        stderr: ""
      })
      assert.deepStrictEqual(Fs.readdirSync(`${directory}/cache/results`), [])
      assert.deepStrictEqual(logOf(directory), ["a ADD", "a DEL"])
    }))

  it.live("prints advice that a shell can run, with the directories of the call", () =>
    Effect.gen(function*() {
      const { directory, env, start } = yield* hostWith({ a: answering })
      const cache = `${directory}/it's a "cache"`
      const add = ["add", "mynet", "/run/netns/blue", "--cache-dir", cache]
      assert.strictEqual((yield* ended(start(...add))).status, 0)
      const { status, stderr } = yield* ended(start(...add))
      assert.strictEqual(status, 1)
      const [, advice = ""] = /^ +(effect-cni del .*)$/m.exec(stderr) ?? []
      const command = `"${process.execPath}" --conditions=effect-cni-source "${program}"`
      const shell = ChildProcess.spawnSync("sh", ["-c", advice.replace("effect-cni", command)], {
        env,
        encoding: "utf8"
      })
      assert.deepStrictEqual([shell.status, shell.stderr], [0, ""])
      assert.deepStrictEqual(Fs.readdirSync(`${cache}/results`), [])
    }))

  it.live("passes on what a successful plugin says on stderr", () =>
    Effect.gen(function*() {
      const { start } = yield* hostWith({ a: `echo aside >&2\n${answering}` })
      const { status, stderr } = yield* ended(start("add", "mynet", "/run/netns/blue"))
      assert.deepStrictEqual([status, stderr], [0, "aside\n"])
    }))

  it.live("warns in a line for a person", () =>
    Effect.gen(function*() {
      const older = `[ $CNI_COMMAND != ADD ] || echo '{"cniVersion":"0.4.0"}'`
      const { start } = yield* hostWith({ a: older, b: answering })
      const { status, stderr } = yield* ended(start("add", "mynet", "/run/netns/blue"))
      const words = `a plugin of network "mynet" answered in version 0.4.0, not 1.0.0; converted it`
      assert.deepStrictEqual([status, stderr], [0, `warning: ${words}\n`])
    }))

  it.live("warns without letting a terminal act upon what it tells of", () =>
    Effect.gen(function*() {
      const cache = "\u001b[2Jcache"
      const breaking =
        `[ $CNI_COMMAND = DEL ] || { cd $CNI_PATH/../*cache/effect-cni && rm -r journal && touch journal; }`
      const { start } = yield* hostWith({ a: `${breaking}\n${answering}` }, cache)
      const { stderr } = yield* ended(start("add", "mynet", "/run/netns/blue"))
      const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "))
      assert.match(warnings.join("\n"), /^warning: the journal is not up to date: .*\\u\{1b\}\[2Jcache/)
      assert.notInclude(warnings.join("\n"), "\u001b")
    }))

  it.live("ends with 1 where its result cannot be written, and says what was done", () =>
    Effect.gen(function*() {
      const { directory, env } = yield* hostWith({ a: answering })
      const { status, stderr } = ChildProcess.spawnSync(
        process.execPath,
        [program, "add", "mynet", "/run/netns/blue"],
        { env, encoding: "utf8", stdio: ["ignore", Fs.openSync("/dev/full", "w"), "pipe"] }
      )
      assert.strictEqual(status, 1)
      assert.match(stderr, /^error: the result could not be written to stdout, but what was asked for is done: ENOSPC/)
      assert.deepStrictEqual(logOf(directory), ["a ADD"])
    }))

  it.live.each(["cat single | $0 validate /dev/stdin", "$0 validate <(cat single)"])(
    "reads a pipe that the shell has opened for it: %s",
    (script) =>
      Effect.gen(function*() {
        const { directory, env } = yield* hostWith({ a: answering })
        writeFile(directory, "single", `{"cniVersion":"1.0.0","name":"mynet","type":"a"}`)
        const command = writeFile(
          directory,
          "command",
          `#!/bin/sh\nexec ${process.execPath} --conditions=effect-cni-source ${program} "$@" --files-only\n`,
          0o755
        )
        const { stderr, stdout } = ChildProcess.spawnSync("bash", ["-c", script, command], {
          env,
          cwd: directory,
          encoding: "utf8"
        })
        assert.strictEqual(stderr, "")
        assert.match(stdout, /mynet/)
        assert.notMatch(stdout, /: error: /)
      })
  )

  it.live("does not wait for a pipe that lies among the configurations", () =>
    Effect.gen(function*() {
      const { directory, start } = yield* hostWith({ a: answering })
      makeFifo(`${directory}/conf/0.conflist`)
      const { status, stderr, stdout } = yield* ended(start("networks"))
      assert.strictEqual(status, 0)
      assert.match(`${stdout}${stderr}`, /0\.conflist: error: it is a FIFO, not a regular file/)
    }))

  const isRoot = process.getuid?.() === 0
  it.live.each([
    { place: "a directory of ours", mode: 0o700, keeps: true },
    { place: "one below which all may write what is theirs", mode: 0o1777, keeps: true },
    { place: "one that all may write to", mode: 0o777, keeps: false },
    { place: "one that a group may write to", mode: 0o770, keeps: false },
    ...(isRoot ? [{ place: "one of another user", mode: 0o700, owner: 1234, keeps: false }] : [])
  ])(
    "keeps compiled code only where nobody else can put some: $place",
    ({ keeps, mode, ...rest }) =>
      Effect.gen(function*() {
        const { directory, env } = yield* hostWith({})
        const home = `${directory}/home`
        Fs.mkdirSync(home)
        Fs.chmodSync(home, mode)
        if ("owner" in rest) Fs.chownSync(home, rest.owner, rest.owner)
        const version = [program, "--version"]
        ChildProcess.execFileSync(process.execPath, version, { env: { ...env, XDG_CACHE_HOME: home } })
        assert.deepStrictEqual(Fs.readdirSync(home), keeps ? ["effect-cni"] : [])
      })
  )

  const homes: ReadonlyArray<readonly [string, (directory: string) => Readonly<Record<string, string | undefined>>]> = [
    ["is a file", (directory) => ({ HOME: writeFile(directory, "home", "") })],
    ["is below a file", () => ({ HOME: "/dev/null/home" })],
    ["leads to itself", (directory) => {
      Fs.symlinkSync("loop", `${directory}/loop`)
      return { HOME: `${directory}/loop` }
    }],
    ["leads nowhere", (directory) => {
      Fs.symlinkSync("nowhere", `${directory}/dangling`)
      return { HOME: `${directory}/dangling` }
    }],
    ["has too long a name", () => ({ HOME: `/${"x".repeat(5000)}` })],
    ["has too long a path", () => ({ HOME: "/x".repeat(5000) })],
    ["is empty", () => ({ HOME: "" })],
    ["is relative", () => ({ HOME: "home" })],
    ["is not given", () => ({ HOME: undefined })],
    ["cannot be looked into", (directory) => {
      Fs.mkdirSync(`${directory}/closed`, { mode: 0 })
      return { HOME: `${directory}/closed/home` }
    }],
    ["is well, but the directory for caches is a file", (directory) => ({
      HOME: directory,
      XDG_CACHE_HOME: writeFile(directory, "cache", "")
    })]
  ]

  it.live.each(oneIn(3, homes))(
    "keeps no compiled code, and does what it is told, where the home directory %s",
    ([, homeIn]) =>
      Effect.gen(function*() {
        const { directory, env } = yield* hostWith({})
        const { status, stderr, stdout } = ChildProcess.spawnSync(
          process.execPath,
          ["--conditions=effect-cni-source", program, "--version"],
          { env: { ...env, XDG_CACHE_HOME: undefined, ...homeIn(directory) }, cwd: directory, encoding: "utf8" }
        )
        assert.strictEqual(stderr, "")
        assert.deepStrictEqual([status, stdout.trim()], [0, `effect-cni v${packageJson.version}`])
        assert.isFalse(Fs.existsSync(`${directory}/home/.cache`))
        // An ordinary user removes no directory that cannot be looked into.
        if (Fs.existsSync(`${directory}/closed`)) Fs.chmodSync(`${directory}/closed`, 0o700)
      })
  )

  it.live.each(
    [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const
  )(
    "undoes an add that %s interrupts, and a second one does not keep it from that",
    ([signal, expected]) =>
      Effect.gen(function*() {
        const hanging = `[ $CNI_COMMAND != ADD ] || exec sleep 600`
        const slow =
          `if [ $CNI_COMMAND = DEL ]; then while [ ! -e $CNI_PATH/../go ]; do sleep 0.01; done; else echo '{}'; fi`
        const { directory, start } = yield* hostWith({ slow, hanging })
        const child = start("add", "mynet", "/run/netns/blue")
        const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
        const logged = (line: string) =>
          until(() => Fs.existsSync(`${directory}/log`) && logOf(directory).includes(line))
        yield* logged("hanging ADD")
        child.kill(signal)
        yield* logged("slow DEL")
        const told = yield* Effect.forkChild(heard(child, "still undoing"), { startImmediately: true })
        child.kill(signal)
        yield* Fiber.join(told)
        writeFile(directory, "go", "")
        const { status, stderr } = yield* Fiber.join(ending)
        assert.strictEqual(status, expected)
        assert.match(stderr, /interrupted: what its plugins had done is undone, nothing is attached\n$/)
        assert.deepStrictEqual(logOf(directory), ["slow ADD", "hanging ADD", "hanging DEL", "slow DEL"])
        const entries = Fs.readdirSync(`${directory}/cache/effect-cni/journal`, {
          recursive: true,
          withFileTypes: true
        })
        assert.deepStrictEqual(entries.filter((one) => one.isFile()), [])
      })
  )

  it.live("says what an interrupted add could not undo", () =>
    Effect.gen(function*() {
      const { directory, start } = yield* hostWith({ a: `[ $CNI_COMMAND = DEL ] && exit 1\nexec sleep 600` })
      const child = start("add", "mynet", "/run/netns/blue")
      const ending = yield* Effect.forkChild(ended(child), { startImmediately: true })
      yield* until(() => Fs.existsSync(`${directory}/log`))
      child.kill("SIGINT")
      const { status, stderr } = yield* Fiber.join(ending)
      assert.strictEqual(status, 130)
      assert.match(
        stderr,
        /interrupted: not all of what its plugins had done could be undone; when they work again:\n {2}effect-cni recover\n/
      )
    }))
})

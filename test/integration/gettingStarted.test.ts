/** What docs/getting-started.md says is printed is what is printed, with the package as npm packs it. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { bundleCli } from "../../scripts/bundle-cli.ts"
import { temporaryDirectory, until, writeFile } from "../support/directory.ts"
import { hasCommand, mention, missingForRealPlugins, run } from "./support.ts"

const root = Path.resolve(import.meta.dirname, "../..")
const page = Fs.readFileSync(Path.join(root, "docs/getting-started.md"), "utf8")

const missing = [
  ...missingForRealPlugins,
  ...["npm", "nsenter", "runuser", "unshare"].filter((name) => !hasCommand(name)).map((name) => `the command ${name}`)
]

/** A block of the page: a file to save, or commands with what they print. */
const block = /<!-- file: (?<file>\S+) -->\s+^```\w+\n(?<content>[^]*?)^```$|^```console\n(?<session>[^]*?)^```$/gm

const commandsOf = (session: string) =>
  session.split(/^\$ /m).slice(1).map((text) => {
    const [command = "", ...printed] = text.split("\n")
    return { command, printed: printed.join("\n").trim() }
  })

const literal = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)

/** `…` stands for anything, in a line or over several. */
const pattern = (printed: string): RegExp => new RegExp(`^\\s*${printed.split("…").map(literal).join("[^]*?")}\\s*$`)

/** A reader's machine: namespaces of its own, in which nothing of this host's networks is. */
const machine: Effect.Effect<number, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const host = "mount -t tmpfs none /var/lib && mount -t tmpfs none /run && ip link set lo up && exec sleep infinity"
    return ChildProcess.spawn("unshare", ["--mount", "--net", "sh", "-c", host], { stdio: "inherit" })
  }),
  (child) => Effect.sync(() => child.kill())
).pipe(
  Effect.map(({ pid = 0 }) => pid),
  Effect.tap((pid) => until(() => Fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("sleep")))
)

/** The package as it is published, without what `npm run build` has made. */
const pack = Effect.fnUntraced(function*(directory: string) {
  const staged = Path.join(directory, "package")
  Fs.mkdirSync(staged)
  for (const name of ["package.json", "src"]) {
    Fs.cpSync(Path.join(root, name), Path.join(staged, name), { recursive: true })
  }
  ChildProcess.execFileSync("tsc", ["-p", "tsconfig.build.json", "--outDir", Path.join(staged, "dist")], { cwd: root })
  yield* Effect.promise(() => bundleCli(Path.join(staged, "dist", "cli")))
  const name = run("npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", directory, staged).trim()
  return Path.join(directory, name)
})

/** A package of the registry, in the version that everything here is tested with. */
const pinned = (name: string): string => {
  const text = Fs.readFileSync(Path.join(root, "node_modules", name, "package.json"), "utf8")
  return `${name}@${/"version":\s*"([^"]*)"/.exec(text)?.[1] ?? "latest"}`
}

/** What a reader's shell has: a Node that others can run too, and an `apt` that only looks whether packages are there. */
const shellIn = (directory: string, pid: number) => {
  const bin = Path.join(directory, "bin")
  writeFile(bin, "apt", `#!/bin/sh\nshift\nexec dpkg-query --show "$@" > /dev/null\n`, 0o755)
  Fs.copyFileSync(Fs.realpathSync(process.execPath), Path.join(bin, "node"))
  const state = writeFile(directory, "state", directory)
  const { CNI_PATH: _, NODE_OPTIONS: __, ...own } = process.env
  // `npm run --silent` hands its silence on, and a reader's npm is not silent.
  const npm = { npm_config_fund: "false", npm_config_loglevel: "notice" }
  const env = { ...own, ...npm, PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin`, HOME: directory }
  return (command: string) => {
    const script = `cd "$(cat ${state})"; ${command}\nstatus=$?; pwd > ${state}; exit $status`
    // The registry is reached from this host's network only, and the list of its packages is in its own /var/lib.
    const inside = /^(npm|apt) /.test(command) ? [] : ["nsenter", "--target", String(pid), "--mount", "--net"]
    const [program, ...args] = [...inside, "bash", "-c", `exec 2>&1; ${script}`] as const
    return ChildProcess.spawnSync(program, args, { encoding: "utf8", env, timeout: 120_000 })
  }
}

it.live("a newcomer comes from an empty folder to a ping", ({ skip }) =>
  Effect.gen(function*() {
    mention(missing, skip)
    const directory = yield* temporaryDirectory
    Fs.chmodSync(directory, 0o755)
    const tarball = yield* pack(directory)
    const shell = shellIn(directory, yield* machine)
    const typed = (command: string) =>
      command.startsWith("npm install ")
        ? `npm install --prefer-offline --no-audit ${
          [tarball, pinned("effect"), pinned("@effect/platform-node")].join(" ")
        }`
        : command
    for (const { groups } of page.matchAll(block)) {
      if (groups?.["file"] !== undefined) {
        const project = Fs.readFileSync(Path.join(directory, "state"), "utf8").trim()
        writeFile(project, groups["file"], groups["content"] ?? "")
      }
      for (const { command, printed } of commandsOf(groups?.["session"] ?? "")) {
        const { status, stdout } = shell(typed(command))
        if (printed === "") assert.strictEqual(status, 0, `${command}\n${stdout}`)
        else assert.match(stdout, pattern(printed), `${command}\nmust print\n${printed}\nand prints\n${stdout}`)
      }
    }
  }), 300_000)

/**
 * Runs what the blocks of `docs/cli.md` say is typed, on a terminal of a host of their own, and writes down what is printed:
 * `npm run docs:cli [-- --check]`. A block is ```` ```console [COLUMNS] [volatile] ````, its commands are the lines that
 * begin with `$ `; `<!-- run: COMMAND -->` is run and not shown.
 */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { referencePlugins } from "../test/integration/support.ts"
import { bundleCli } from "./bundle-cli.ts"

const root = Path.resolve(import.meta.dirname, "..")
const guide = Path.join(root, "docs", "cli.md")
const [mode = "--write"] = process.argv.slice(2)

/** A host like a newcomer's, in namespaces of its own: the usual places, of which nothing is this host's. */
const host = `
set -e
cp -a /etc "$HOST/etc" && rm -rf "$HOST/etc/cni" && mkdir -p "$HOST/etc/cni/net.d" && mount --bind "$HOST/etc" /etc
mount -t tmpfs none /var/lib && mount -t tmpfs none /run && mkdir /run/netns
cp -a ${referencePlugins} "$HOST/bin" && mount -t tmpfs none /opt && mkdir -p /opt/cni/bin && mount --bind "$HOST/bin" /opt/cni/bin
for elsewhere in /usr/lib/cni /usr/libexec/cni; do [ ! -d $elsewhere ] || mount -t tmpfs none $elsewhere; done
ip link set lo up
exec "$@"`

const outside = async (): Promise<number> => {
  const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-cni-"))
  Fs.chmodSync(directory, 0o755)
  try {
    await bundleCli(Path.join(directory, "cli"))
    Fs.symlinkSync(Path.join(directory, "cli", "effect-cni.cjs"), Path.join(directory, "effect-cni"))
    const inner = [process.execPath, "--conditions=effect-cni-source", import.meta.filename, `--inside${mode}`]
    const { status } = spawnSync("unshare", ["--mount", "--net", "sh", "-c", host, "sh", ...inner], {
      cwd: directory,
      stdio: "inherit",
      env: {
        PATH: `${directory}:${Path.dirname(process.execPath)}:${process.env["PATH"]}`,
        CNI_PATH: "/opt/cni/bin",
        HOST: directory,
        HOME: directory,
        TERM: "xterm-256color",
        LANG: "C.UTF-8"
      }
    })
    return status ?? 1
  } finally {
    Fs.rmSync(directory, { recursive: true, force: true })
  }
}

const part = /<!-- run: (?<hidden>.*?) -->|^```console(?<options>.*)\n(?<body>[^]*?)^```$/gm

const inside = (): number => {
  const stable = naming()
  const text = Fs.readFileSync(guide, "utf8")
  const made = text.replaceAll(part, (all: string, hidden: string | undefined, options: string, body: string) => {
    if (hidden === undefined) return `\`\`\`console${options}\n${stable(sceneOf(options, body))}\`\`\``
    if (spawnSync("bash", ["-c", hidden], { stdio: "inherit" }).status !== 0) throw new Error(`failed: ${hidden}`)
    return all
  })
  if (!mode.endsWith("--check")) Fs.writeFileSync(guide, made)
  const isSame = comparable(text) === comparable(made)
  if (mode.endsWith("--check") && !isSame) {
    Fs.writeFileSync("made.md", made)
    spawnSync("diff", [guide, "made.md"], { stdio: "inherit" })
    console.log("docs/cli.md is out of date: npm run docs:cli")
    return 1
  }
  return 0
}

/** The commands of a block with what each prints on a terminal of so many columns. */
const sceneOf = (options: string, body: string): string => {
  const columns = /\d+/.exec(options)?.[0] ?? "80"
  const commands = body.split("\n").filter((line) => line.startsWith("$ "))
  return commands.map((command) => {
    const typed = `stty cols ${columns} rows 50; ${command.slice(2)}`
    const { stdout } = spawnSync("script", ["-qec", typed, "/dev/null"], { encoding: "utf8", timeout: 60_000 })
    return `${command}\n${visible(stdout)}`.trimEnd()
  }).join("\n\n").concat("\n")
}

const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, "g")

/** Without colours; of a line that was written over, what it was in the end. */
const visible = (output: string): string =>
  output.replaceAll(escapes, "").replaceAll("\r\n", "\n").split("\n").map((line) => line.split("\r").at(-1)).join("\n")

/** Gives what is another one in every run a name that stays, of the same length. */
const naming = () => {
  const names = new Map<string, string>()
  const named = (kind: (index: string) => string) => (found: string): string => {
    const name = names.get(found) ?? kind(`${names.size + 1}`.padStart(2, "0"))
    names.set(found, name)
    return name
  }
  return (text: string): string =>
    text
      .replaceAll(/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, named((index) => `02:00:00:00:00:${index}`))
      .replaceAll(/\bveth[0-9a-f]{8}\b/g, named((index) => `veth000000${index}`))
      .replaceAll(
        /\beffect-cni-exec-(?:\d+-){4}[0-9a-f]{12}-[0-9a-f]{6}\b/g,
        named((index) => `effect-cni-exec-123-4567-89-0000${index}`)
      )
      .replaceAll(/\b\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.\d{3})?/g, "2026-01-01$112:00:00")
}

/** What a check goes by: of volatile blocks, the words alone, wherever their lines end. */
const comparable = (text: string): string =>
  text.replaceAll(
    part,
    (all: string, _: string | undefined, options: string | undefined) =>
      options?.includes("volatile") === true
        ? all.replaceAll(/just now|\d+ ?s ago/g, "").replaceAll(/\d+(\.\d+)?/g, "0").replaceAll(
          /\s+|[\u2500-\u259f·=#<>|-]+/g,
          " "
        ).replaceAll(/ +/g, " ")
        : all
  )

process.exitCode = mode.startsWith("--inside") ? inside() : await outside()

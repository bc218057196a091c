/** The views of `effect-cni` as processes, over real files. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import { shardOf } from "../../src/layers/journal/journalFiles.ts"
import { bundledCommand } from "../support/bundled.ts"
import { temporaryDirectory, writeFile, writePlugin } from "../support/directory.ts"

const program = await bundledCommand()

const plugin = `case $CNI_COMMAND in
ADD) echo '{"cniVersion":"1.0.0","ips":[{"address":"10.1.0.5/24"}]}' ;;
VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}' ;;
esac`

const host = Effect.map(temporaryDirectory, (directory) => {
  for (const place of ["first/cni", "second/cni"]) writePlugin(directory, `${place}/bridge`, plugin)
  writePlugin(directory, "second/cni/extra", plugin)
  writeFile(directory, "second/cni/README", "no plugin")
  writeFile(directory, "conf/1.conflist", `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"}]}`)
  writeFile(directory, "conf/mynet/1.conf", `{"type":"extra"}`)
  writeFile(directory, "conf/2.conflist", `{\n  "name": "x",\n}`)
  writeFile(directory, "blue", "")
  const env = {
    ...process.env,
    XDG_CACHE_HOME: directory,
    NETCONFPATH: `${directory}/conf`,
    CNI_PATH: `${directory}/first/cni:${directory}/second/cni`,
    CNI_CACHE_DIR: `${directory}/cache`
  }
  const run = (...args: ReadonlyArray<string>) => {
    const { status, stderr, stdout } = ChildProcess.spawnSync(
      process.execPath,
      [program, ...args],
      { env, encoding: "utf8" }
    )
    return { status, stderr, stdout: stdout.replaceAll(directory, "DIR") }
  }
  return { directory, run }
})

describe("the views as processes", () => {
  it.live("show networks, problems with their places, and plugins", () =>
    Effect.gen(function*() {
      const { directory, run } = yield* host
      const { status, stdout } = run("networks")
      assert.strictEqual(status, 0)
      assert.include(stdout, "├─ bridge: DIR/first/cni/bridge, speaks 0.4.0, 1.0.0\n")
      assert.include(stdout, "├─ extra: DIR/second/cni/extra, speaks 0.4.0, 1.0.0\n")
      assert.include(stdout, "DIR/conf/2.conflist:3:1: error: ")
      assert.strictEqual(run("validate").status, 1)
      assert.deepStrictEqual(run("validate", `${directory}/conf/1.conflist`), {
        status: 0,
        stderr: "",
        stdout: "DIR/conf/1.conflist: ok: network mynet, cniVersion 1.0.0, bridge, extra\n"
      })
      const plugins = run("plugins").stdout
      assert.match(plugins, /bridge +shadowed +DIR\/second\/cni\/bridge\n/)
      assert.match(plugins, /not executable, so that they cannot be used:\n {2}DIR\/second\/cni\/README\n/)
    }).pipe(Effect.scoped))

  it.live("show what is attached, by whom, and what is damaged", () =>
    Effect.gen(function*() {
      const { directory, run } = yield* host
      const add = ["add", "mynet", `${directory}/blue`, "--container-id"]
      assert.strictEqual(run(...add, "c1").status, 0)
      assert.strictEqual(run(...add, "c2").status, 0)
      Fs.rmSync(`${directory}/cache/effect-cni/journal/${shardOf("c2")}/mynet-c2-eth0`)
      Fs.mkdirSync(`${directory}/cache/results/place`)
      const { stdout } = run("attachments")
      assert.match(stdout, /mynet +c1 +eth0 +10\.1\.0\.5\/24 +no namespace +\S.* effect-cni +DIR\/blue\n/)
      assert.match(stdout, /mynet +c2 +eth0 +10\.1\.0\.5\/24 +no namespace +\S.* another runtime +DIR\/blue\n/)
      assert.include(stdout, "DIR/cache/results/place: cannot be read: EISDIR")
      Fs.rmSync(`${directory}/blue`)
      assert.match(run("attachments").stdout, /c1 +eth0 +10\.1\.0\.5\/24 +no namespace/)
      assert.include(run("inspect", "c1").stdout, "├─ address 10.1.0.5/24\n")
      assert.include(run("diagram").stdout, `n0 -.-|"eth0 10.1.0.5/24 #40;no namespace#41;"| c0`)
    }).pipe(Effect.scoped))

  it.live("change nothing, not even where there is nothing yet", () =>
    Effect.gen(function*() {
      const { directory, run } = yield* host
      for (const command of ["attachments", "diagram", "networks", "plugins"]) {
        assert.strictEqual(run(command).status, 0)
      }
      assert.isFalse(Fs.existsSync(`${directory}/cache`))
    }).pipe(Effect.scoped))
})

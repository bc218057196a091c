/** `npm test` as an ordinary user: root makes one for it, with a copy of all that is here, and removes both. */
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

const root = Path.resolve(import.meta.dirname, "..")

const run = (command: string, args: ReadonlyArray<string>, options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) =>
  spawnSync(command, args, { stdio: "inherit", ...options }).status === 0

const testAs = (user: string, home: string): boolean => {
  const checkout = Path.join(home, "effect-cni")
  const env = { ...process.env, HOME: home, USER: user, LOGNAME: user, XDG_CACHE_HOME: undefined }
  // What vitest keeps there comes and goes while another run is going on.
  Fs.cpSync(root, checkout, { recursive: true, verbatimSymlinks: true, filter: (file) => !file.includes(".vitest") })
  return run("chown", ["-R", `${user}:`, home]) &&
    run("runuser", ["-u", user, "--", "npm", "test"], { cwd: checkout, env })
}

const asOrdinaryUser = (): boolean => {
  // Each run has a user of its own, whom nothing on this host belongs to.
  const user = `effect-cni-${process.pid}`
  const home = Fs.mkdtempSync(Path.join(Os.tmpdir(), `${user}-`))
  try {
    return run("useradd", ["--home-dir", home, "--no-create-home", "--user-group", user]) && testAs(user, home)
  } finally {
    run("userdel", [user])
    Fs.rmSync(home, { recursive: true, force: true })
  }
}

const isRoot = process.getuid?.() === 0
process.exitCode = (isRoot ? asOrdinaryUser() : run("npm", ["test"], { cwd: root })) ? 0 : 1

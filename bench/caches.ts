/** The file system that the caches of both sides are on. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"

/**
 * A new ext4 as `mkfs` makes it, in a file, mounted below a directory until the scope ends; nothing where it cannot be
 * mounted. What the machine's own file system has gone through, and how it was made, is then of no account: one without a
 * journal passes over each inode that was freed in the last minutes, so that a file costs the more, the more were made.
 */
export const ownFileSystem = (directory: string): Effect.Effect<string | undefined, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => mounted(directory)),
    (mount) => Effect.sync(() => mount !== undefined && ChildProcess.execFileSync("umount", ["--lazy", mount]))
  )

const mounted = (directory: string): string | undefined => {
  const image = Path.join(directory, "caches.ext4")
  const mount = Path.join(directory, "caches")
  try {
    Fs.writeFileSync(image, "")
    Fs.truncateSync(image, imageBytes)
    Fs.mkdirSync(mount)
    ChildProcess.execFileSync("mkfs.ext4", ["-q", image], { stdio: "ignore" })
    ChildProcess.execFileSync("mount", ["-o", "loop", image, mount], { stdio: "ignore" })
    return mount
  } catch {
    // Not as root, or without loop devices: then they are where temporary files are.
    return undefined
  }
}

// Only what is written takes room on the disk.
const imageBytes = 2 ** 30

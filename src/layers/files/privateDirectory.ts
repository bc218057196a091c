/**
 * Whether another user can have put something into a directory. What lies there decides which programs run as us, so
 * that only our own user and root may write to it and to what is above it, as ssh has it for its keys.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { codeOf, orElse } from "../../domain/errors/SystemError.ts"

/** A directory for our files, and those in it that are ours alone; they may be missing. */
export interface Place {
  readonly directory: string
  readonly inside: ReadonlyArray<string>
}

/**
 * Which path another user can write to, with the command that changes that; nothing where there is none. A sticky
 * directory, where no user can replace what another one has made, is fine above those that are ours alone. Throws what the
 * system says where there is no looking.
 */
export const foreignAccess = ({ directory, inside }: Place): string | undefined => {
  const us = process.geteuid?.()
  if (us === undefined) return undefined
  const alone = new Set(inside.flatMap(bothPaths))
  const own = new Set([...alone, ...bothPaths(directory)])
  const all = new Set([...own].flatMap(pathsTo))
  for (const path of all) {
    const found = statsOf(path)
    // What is said of anything else is said when it is used as a directory.
    if (found === undefined || !(found.isDirectory() || found.isSymbolicLink())) continue
    const recursively = alone.has(path) ? "-R " : ""
    if (found.uid !== us && found.uid !== root && (own.has(path) || !isUnmapped(found.uid))) {
      const command = `chown ${found.isSymbolicLink() ? "-h " : recursively}${us} ${quoted(path)}`
      return `${path} belongs to user ${found.uid}, who could use it to run programs as user ${us}. ` +
        `Use another directory, or if what is in this one can be trusted, run: ${command}`
    }
    const isSticky = (found.mode & sticky) !== 0 && !alone.has(path)
    if (found.isDirectory() && (found.mode & othersMayWrite) !== 0 && !isSticky) {
      return `${path} can be written to by other users (mode ${modeOf(found)}), who could use it to run programs as ` +
        `user ${us}. Run: chmod ${recursively}go-w ${quoted(path)}`
    }
  }
  return undefined
}

/** Why another user may have written a file that lies in a directory of ours; nothing where none can have. */
export const foreignWriter = ({ mode, uid }: Fs.Stats): string | undefined => {
  const us = process.geteuid?.()
  if (us === undefined) return undefined
  if (uid !== us && uid !== root) return `it belongs to user ${uid}, who may have written anything into it`
  if ((mode & othersMayWrite) === 0) return undefined
  return `other users may have written anything into it (mode ${modeOf({ mode })})`
}

const modeOf = ({ mode }: Pick<Fs.Stats, "mode">): string => (mode & 0o7777).toString(8)

const root = 0
const othersMayWrite = 0o022
const sticky = 0o1000

const bothPaths = (path: string): ReadonlyArray<string> => [Path.resolve(path), realPathOf(Path.resolve(path))]

const realPathOf = (path: string): string => {
  try {
    return Fs.realpathSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
    const above = Path.dirname(path)
    return above === path ? path : Path.join(realPathOf(above), Path.basename(path))
  }
}

const pathsTo = (path: string): ReadonlyArray<string> => {
  const above = Path.dirname(path)
  return above === path ? [path] : [...pathsTo(above), path]
}

const statsOf = (path: string): Fs.Stats | undefined => {
  try {
    return Fs.lstatSync(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error))

// An owner of whom the kernel does not tell us. Where all users are told, that is the number of a user like any other.
const isUnmapped = (uid: number): boolean => uid === overflowUser() && !/^\s*0\s+0\s+4294967295\s*$/.test(userMap())

const overflowUser = (): number => Number(textOf("/proc/sys/kernel/overflowuid") || "65534")
const userMap = (): string => textOf("/proc/self/uid_map")

const textOf = (file: string): string => orElse("", () => Fs.readFileSync(file, "latin1"))

const quoted = (path: string): string => /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`

/** Makes a directory and those above it that are missing (mode 0700), and says why that cannot be. */
export const makeDirectory = (directory: string): void => {
  try {
    Fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    // Node has ENOENT for a read-only file system: the first one that is missing, by itself, has the true reason.
    if (codeOf(error) === "ENOENT") Fs.mkdirSync(firstMissing(directory))
    throw error
  }
}

const firstMissing = (directory: string): string => {
  const parent = Path.dirname(directory)
  return parent === directory || Fs.existsSync(parent) ? directory : firstMissing(parent)
}

/** Does something, and where directories are missing for it, makes them and does it again. */
export const madeIfMissing = <A>(directories: ReadonlyArray<string>, action: () => A): A => {
  try {
    return action()
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    for (const directory of directories) makeDirectory(directory)
    return action()
  }
}

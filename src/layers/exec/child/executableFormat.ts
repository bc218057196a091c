/** Whether the kernel would run a file, and if not, why, in words. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { orElse } from "../../../domain/errors/SystemError.ts"
import { withFile } from "../../files/openFile.ts"
import { issueOfKind } from "../../files/readRegularFile.ts"

/** A file is no program; `kernelCode` is what the kernel would say. */
export class NotRunnable extends Error {
  readonly code: string
  readonly kernelCode: string

  constructor(reason: string, code: string, kernelCode: string) {
    super(reason)
    this.code = code
    this.kernelCode = kernelCode
  }
}

/**
 * Throws `NotRunnable` where a file is no program: with ETXTBSY if it looks like one that is still being written, else with
 * ENOEXEC. Of what cannot be looked into, the kernel has the last word.
 */
export const assertRunnable = (path: string): void => {
  const issue = formatIssue(path, maxInterpreters)
  if (issue === undefined) return
  const { kernelCode, reason } = typeof issue === "string" ? { kernelCode: "ENOEXEC", reason: issue } : issue
  if (incomplete.has(reason) && isFresh(path)) throw new NotRunnable(reason, "ETXTBSY", "ETXTBSY")
  throw new NotRunnable(reason, "ENOEXEC", kernelCode)
}

/** Words alone where the kernel would say ENOEXEC. */
type Issue = string | { readonly reason: string; readonly kernelCode: string }

const formatIssue = (path: string, depth: number): Issue | undefined => {
  if (process.platform === "win32") return undefined
  const head = readHead(path)
  if (head === undefined || typeof head === "string") return head
  if (head.bytes.byteLength === 0) return isEmpty
  if (head.bytes.toString("latin1", 0, 2) === "#!") return scriptIssue(head.bytes, depth)
  if (head.bytes.readUInt32BE(0) === elfMagic) return elfIssue(head)
  return machOMagics.has(head.bytes.readUInt32BE(0)) ? undefined : "it is neither a program nor a script with a #! line"
}

const isEmpty = "the file is empty"
const isCutInHeader = "the program is cut off in its header"
const isCut = "the program is cut off"
const incomplete = new Set([isEmpty, isCutInHeader, isCut])

// The kernel would say "text file busy" of a file that is open for writing, before it looks at it. We cannot tell.
const isFresh = (path: string): boolean => orElse(false, () => Date.now() - Fs.statSync(path).mtimeMs < freshMs)

const freshMs = 10_000

interface Head {
  readonly bytes: Buffer
  readonly size: number
}

const maxInterpreters = 4
const headBytes = 256
const elfMagic = 0x7f454c46
const machOMagics = new Set(
  process.platform === "darwin" ? [0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe] : []
)

// What is no regular file is not opened; it may have come into the place of one since the plugin was found.
const readHead = (path: string): Head | string | undefined =>
  orElse<Head | string | undefined>(undefined, () => {
    const stats = Fs.statSync(path)
    return issueOfKind(stats) ?? withFile(path, Fs.constants.O_RDONLY | Fs.constants.O_NONBLOCK, (file) => {
      const bytes = Buffer.alloc(headBytes)
      const length = Fs.readSync(file, bytes, 0, headBytes, 0)
      // A file of one to three bytes is padded, so that its magic can be read like any other.
      return { bytes: bytes.subarray(0, length === 0 ? 0 : Math.max(length, 4)), size: stats.size }
    })
  })

const scriptIssue = (bytes: Buffer, depth: number): Issue | undefined => {
  const line = bytes.toString("utf8", 2).split(/[\n\0]/, 1)[0] ?? ""
  const interpreter = line.trim().split(/[ \t]/, 1)[0] ?? ""
  if (interpreter === "") return "its #! line names no interpreter"
  if (depth === 0) return { reason: "its interpreters are scripts themselves, too many of them", kernelCode: "ELOOP" }
  if (!Fs.existsSync(interpreter)) {
    return { reason: `its interpreter ${interpreter} does not exist`, kernelCode: "ENOENT" }
  }
  const issue = formatIssue(Path.resolve(interpreter), depth - 1)
  if (issue === undefined) return undefined
  const because = (reason: string) => `its interpreter ${interpreter} cannot be run: ${reason}`
  return typeof issue === "string" ? because(issue) : { ...issue, reason: because(issue.reason) }
}

const elfIssue = ({ bytes, size }: Head): string | undefined => {
  if (bytes.byteLength < 64) return isCutInHeader
  const is64 = bytes[4] === 2
  const little = bytes[5] === 1
  const u16 = (at: number) => little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)
  const u32 = (at: number) => little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
  if (!executableTypes.has(u16(16))) return "it is an object file or a core dump, not a program"
  if (machines.get(process.arch)?.includes(u16(18)) === false) {
    return `it is a program for another machine than ${process.arch}`
  }
  const table = u32(is64 ? 32 : 28)
  const entry = u16(is64 ? 54 : 42)
  const count = u16(is64 ? 56 : 44)
  if (entry !== (is64 ? 56 : 32) || count === 0) return "the program's header is damaged"
  return table + entry * count > size ? isCut : undefined
}

const executableTypes = new Set([2, 3])

// e_machine, each with the 32-bit machine that such a kernel runs too.
const machines: ReadonlyMap<string, ReadonlyArray<number>> = new Map([
  ["x64", [62, 3]],
  ["ia32", [3]],
  ["arm64", [183, 40]],
  ["arm", [40]],
  ["riscv64", [243]],
  ["ppc64", [21]],
  ["s390x", [22]],
  ["loong64", [258]]
])

/** How Go words error numbers and the end of a process, and how messages quote a text: as Go does, cut short, for a shell. */
import * as Schema from "effect/Schema"

/** Go's words for an errno, such as `no such file or directory`; nothing for one that is rare. */
export const errnoText = (errno: string): string | undefined => errnos.get(errno)

const errnos: ReadonlyMap<string, string> = new Map([
  ["EPERM", "operation not permitted"],
  ["ENOENT", "no such file or directory"],
  ["EINTR", "interrupted system call"],
  ["EIO", "input/output error"],
  ["ENXIO", "no such device or address"],
  ["E2BIG", "argument list too long"],
  ["ENOEXEC", "exec format error"],
  ["EBADF", "bad file descriptor"],
  ["EAGAIN", "resource temporarily unavailable"],
  ["ENOMEM", "cannot allocate memory"],
  ["EACCES", "permission denied"],
  ["EFAULT", "bad address"],
  ["EBUSY", "device or resource busy"],
  ["EEXIST", "file exists"],
  ["EXDEV", "invalid cross-device link"],
  ["ENODEV", "no such device"],
  ["ENOTDIR", "not a directory"],
  ["EISDIR", "is a directory"],
  ["EINVAL", "invalid argument"],
  ["ENFILE", "too many open files in system"],
  ["EMFILE", "too many open files"],
  ["ETXTBSY", "text file busy"],
  ["EFBIG", "file too large"],
  ["ENOSPC", "no space left on device"],
  ["EROFS", "read-only file system"],
  ["ENAMETOOLONG", "file name too long"],
  ["ENOSYS", "function not implemented"],
  ["ELOOP", "too many levels of symbolic links"],
  ["ELIBBAD", "accessing a corrupted shared library"],
  ["EOVERFLOW", "value too large for defined data type"],
  ["EOPNOTSUPP", "operation not supported"],
  ["ETIMEDOUT", "connection timed out"],
  ["ESTALE", "stale NFS file handle"],
  ["EDQUOT", "disk quota exceeded"]
])

/** How a plugin's process ended: with an exit status, or by a signal. `coreDumped` is there where that can be told. */
export const PluginExit = Schema.Union([
  Schema.TaggedStruct("Exited", { status: Schema.Int }),
  Schema.TaggedStruct("Signalled", { signal: Schema.String, coreDumped: Schema.optionalKey(Schema.Boolean) })
])
export type PluginExit = typeof PluginExit.Type

/** How a process ended, as `os.ProcessState` says it: `exit status 1`, `signal: killed`. */
export const exitText = (exit: PluginExit): string => {
  if (exit._tag === "Exited") return `exit status ${exit.status}`
  return `signal: ${signalText(exit.signal)}${exit.coreDumped === true ? " (core dumped)" : ""}`
}

// Signals without a name are called by their number: those of real time are `SIG34` and more.
const signalText = (signal: string): string => signals.get(signal) ?? signal.replace(/^SIG(?=\d+$)/, "signal ")

const signals: ReadonlyMap<string, string> = new Map([
  ["SIGHUP", "hangup"],
  ["SIGINT", "interrupt"],
  ["SIGQUIT", "quit"],
  ["SIGILL", "illegal instruction"],
  ["SIGTRAP", "trace/breakpoint trap"],
  ["SIGABRT", "aborted"],
  ["SIGIOT", "aborted"],
  ["SIGBUS", "bus error"],
  ["SIGFPE", "floating point exception"],
  ["SIGKILL", "killed"],
  ["SIGUSR1", "user defined signal 1"],
  ["SIGSEGV", "segmentation fault"],
  ["SIGUSR2", "user defined signal 2"],
  ["SIGPIPE", "broken pipe"],
  ["SIGALRM", "alarm clock"],
  ["SIGTERM", "terminated"],
  ["SIGSTKFLT", "stack fault"],
  ["SIGCHLD", "child exited"],
  ["SIGCONT", "continued"],
  ["SIGSTOP", "stopped (signal)"],
  ["SIGTSTP", "stopped"],
  ["SIGTTIN", "stopped (tty input)"],
  ["SIGTTOU", "stopped (tty output)"],
  ["SIGURG", "urgent I/O condition"],
  ["SIGXCPU", "CPU time limit exceeded"],
  ["SIGXFSZ", "file size limit exceeded"],
  ["SIGVTALRM", "virtual timer expired"],
  ["SIGPROF", "profiling timer expired"],
  ["SIGWINCH", "window changed"],
  ["SIGIO", "I/O possible"],
  ["SIGPOLL", "I/O possible"],
  ["SIGPWR", "power failure"],
  ["SIGSYS", "bad system call"],
  ["SIGUNUSED", "bad system call"]
])

/** The beginning of a text: 100 characters at the most. */
export const excerptOf = (text: string): string => text.length <= 100 ? text : `${text.slice(0, 99)}…`

/** Quotes as Go's `%q` does: what cannot be printed is escaped, all other characters stay. */
export const goQuote = (text: string): string =>
  `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (char) => goEscapes.get(char) ?? hexEscape(char))}"`

const goEscapes: ReadonlyMap<string, string> = new Map([
  [`"`, `\\"`],
  ["\\", "\\\\"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"]
])

const hexEscape = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`
}

/** A text as one word of a shell (bash, zsh, ksh), which reads it as it is. */
export const shellWord = (text: string): string => {
  if (/^[\w./:=@%+,-]+$/.test(text)) return text
  // A control character would be acted upon by the terminal before a shell sees it.
  return /\p{C}/u.test(text)
    ? `$'${text.replaceAll(/[\\']|\p{C}/gu, escaped)}'`
    : `'${text.replaceAll("'", `'\\''`)}'`
}

const escaped = (char: string): string => {
  const code = char.codePointAt(0) ?? 0
  return /\p{C}/u.test(char) ? `\\U${code.toString(16).padStart(8, "0")}` : `\\${char}`
}

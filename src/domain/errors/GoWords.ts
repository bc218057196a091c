/** Go's words for what the kernel says: libcni's and podman's errors have them, and scripts match on them. */
import type { PluginExit } from "./CniError.ts"

/** How a process ended, as `os.ProcessState` says it: `exit status 1`, `signal: killed`. */
export const exitText = (exit: PluginExit): string => {
  if (exit._tag === "Exited") return `exit status ${exit.status}`
  return `signal: ${signalText(exit.signal)}${exit.coreDumped === true ? " (core dumped)" : ""}`
}

// Signals without a name are called by their number: those of real time are `SIG34` and more.
const signalText = (signal: string): string => signals.get(signal) ?? signal.replace(/^SIG(?=\d+$)/, "signal ")

/** Go's words for an errno, such as `no such file or directory`; nothing for one that is rare. */
export const errnoText = (errno: string): string | undefined => errnos.get(errno)

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

/** How the process of a plugin ended, and how Go words it. */
import * as Schema from "effect/Schema"

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

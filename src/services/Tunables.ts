/** What can be tuned: references with safe defaults, to be provided for any region of a program. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as LogLevel from "effect/LogLevel"
import * as Schedule from "effect/Schedule"
import type { Command } from "../domain/errors/CniError.ts"
import { defaultLimits, type JsonLimits } from "../domain/json/Json.ts"

/**
 * `"libcni"` leaves out what libcni does not do: the journal, rollback of a failed ADD, and the guards against ADD of what
 * is attached and CHECK of what is not. For migration and for comparison.
 */
export const Compat = Context.Reference<"safe" | "libcni">("effect-cni/Compat", { defaultValue: () => "safe" })

/**
 * What an ADD does about an interface of its name that is in the namespace before it. `"refuse"` looks, and fails with
 * `InterfaceExists`. `"allow"` goes on: for networks whose plugins only change an interface that is there. `"new namespace"`
 * goes on without a look, because the caller has just made the namespace.
 */
export const ExistingInterface = Context.Reference<"refuse" | "allow" | "new namespace">(
  "effect-cni/ExistingInterface",
  {
    defaultValue: () => "refuse"
  }
)

/** Whether an ADD may attach the network namespace that this process runs in, which is mostly the host's. */
export const OwnNamespace = Context.Reference<"refuse" | "allow">("effect-cni/OwnNamespace", {
  defaultValue: () => "refuse"
})

/**
 * What an ADD does about a capability argument that no plugin of its network declares: it warns in the log, fails with
 * `InvalidRuntimeConf` before anything is run or written, or says nothing. With `Compat` of `"libcni"` it says nothing.
 */
export const UnusedArguments = Context.Reference<"warn" | "fail" | "ignore">("effect-cni/UnusedArguments", {
  defaultValue: () => "warn"
})

/** How long one run of a plugin may take, by command. Default: 10 s for STATUS and VERSION, 2 min for the others. */
export const PluginTimeLimit = Context.Reference<(command: Command) => Duration.Input>("effect-cni/PluginTimeLimit", {
  defaultValue: () => (command) => command === "STATUS" || command === "VERSION" ? "10 seconds" : "2 minutes"
})

/** How long a plugin that is being stopped has between SIGTERM and SIGKILL. */
export const KillGrace = Context.Reference<Duration.Input>("effect-cni/KillGrace", {
  defaultValue: () => "5 seconds"
})

/** How long output is waited for after a plugin has ended, while a child that it left holds its pipes. */
export const DrainGrace = Context.Reference<Duration.Input>("effect-cni/DrainGrace", {
  defaultValue: () => "100 millis"
})

/** How long all the DELs together may take that undo an ADD, or detach what its scope or its runtime has left. */
export const RollbackTimeLimit = Context.Reference<Duration.Input>("effect-cni/RollbackTimeLimit", {
  defaultValue: () => "1 minute"
})

/** How long an operation waits for others that must not overlap with it; 0 is not at all. */
export const LockWaitLimit = Context.Reference<Duration.Input>("effect-cni/LockWaitLimit", {
  defaultValue: () => "1 minute"
})

/** How long a plugin is waited for whose runtime has died, before it is ended. */
export const OrphanWaitLimit = Context.Reference<Duration.Input>("effect-cni/OrphanWaitLimit", {
  defaultValue: () => "1 minute"
})

/** `stdout`: the size and depth of a usable answer. `stderrBytes`: how much of the end of stderr is kept. */
export interface OutputLimits {
  readonly stdout: JsonLimits
  readonly stderrBytes: number
}

/** How large and how deep the JSON of configurations and records may be: 16 MiB nested 500 deep. */
export const JsonLimit = Context.Reference<JsonLimits>("effect-cni/JsonLimit", { defaultValue: () => defaultLimits })

/** What is kept of a plugin's output: 16 MiB of stdout nested 500 deep, the last 64 KiB of stderr. */
export const OutputLimit = Context.Reference<OutputLimits>("effect-cni/OutputLimit", {
  defaultValue: () => ({ stdout: defaultLimits, stderrBytes: 64 * 1024 })
})

/** What a stored record survives: `"process"`, or also `"power-loss"` (file and directory are synced to disk). */
export const Durability = Context.Reference<"process" | "power-loss">("effect-cni/Durability", {
  defaultValue: () => "process"
})

/**
 * Whether the journal is refused (`CacheIoError` with the reason `NotPrivate`) where another user can write to its
 * directory or to one above it: who can write an entry decides which programs run as us. Only our own user and root may;
 * a sticky directory such as `/tmp` is fine above `<cacheDir>/effect-cni`. `"trust"` leaves out the check.
 */
export const CacheOwnership = Context.Reference<"check" | "trust">("effect-cni/CacheOwnership", {
  defaultValue: () => "check"
})

/** When a plugin is tried again whose executable is being written at the moment. Default: every second, 5 times. */
export const BusyRetry = Context.Reference<Schedule.Schedule<unknown>>("effect-cni/BusyRetry", {
  defaultValue: () => Schedule.upTo(Schedule.spaced("1 second"), { times: 5 })
})

/**
 * When an operation is tried again in which a plugin said "try again later" (code 11): an ADD after it has been undone,
 * any other from that plugin on. Default: never.
 */
export const TryAgainRetry = Context.Reference<Schedule.Schedule<unknown>>("effect-cni/TryAgainRetry", {
  defaultValue: () => Schedule.recurs(0)
})

/**
 * How many plugins a runtime runs at a time, at least 1; default: `"unbounded"`. A run waits until fewer than that go on, and
 * its time limit starts with the plugin. What undoes or detaches by itself (a failed ADD, the end of a scope, `recover`) is
 * not bounded. `iptables` for instance lets only one process at it at a time: on a host with few processors, a bound may
 * spare many that wait for each other.
 */
export const PluginConcurrency = Context.Reference<number | "unbounded">("effect-cni/PluginConcurrency", {
  defaultValue: () => "unbounded"
})

/** Where the stderr of a successful plugin goes: into the log at a level, to our own stderr, or nowhere. */
export const PluginStderr = Context.Reference<LogLevel.Severity | "stderr" | "nowhere">("effect-cni/PluginStderr", {
  defaultValue: () => "Info"
})

/** Whether a plugin's answer to VERSION is remembered while its executable stays the same. Failures never are. */
export const VersionCache = Context.Reference<"on" | "off">("effect-cni/VersionCache", { defaultValue: () => "on" })

/**
 * How many stale attachments GC deletes at a time; 1 is one after the other, in file-name order. Plugins mostly wait, for
 * the kernel and for each other, so that the number of processors says little. Default: 32.
 */
export const GcConcurrency = Context.Reference<number>("effect-cni/GcConcurrency", { defaultValue: () => 32 })

/** The flags that all subcommands share, and the command itself, which has them. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const named = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

/** A switch, off by default. */
export const toggle = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

// An empty name is mostly a variable of a script that is not set.
const directory = (name: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription(description),
    Flag.filterMap(
      (path) => path === "" ? Option.none() : Option.some(path),
      () => "the name of a directory, which cannot be empty (is a variable not set?)"
    )
  )

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

const isUnit = (text: string): text is keyof typeof units => text in units

/** Reads `500ms`, `1.5s`, `2m`, `1h`. */
const parseTimeout = (text: string): Option.Option<Duration.Duration> => {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const millis = isUnit(unit) ? Number(count) * units[unit] : 0
  return millis >= 1 && Number.isSafeInteger(Math.ceil(millis)) ? Option.some(Duration.millis(millis)) : Option.none()
}

const sharedFlags = {
  ifName: named("ifname", "NAME", "Name of the interface in the container (else CNI_IFNAME, else eth0)").pipe(
    Flag.withAlias("i")
  ),
  containerId: named("container-id", "ID", "Container ID (else it is made from the namespace's path, as cnitool does)"),
  netns: named("netns", "PATH", "Path of the network namespace (else the argument NETNS)"),
  confDir: directory("conf-dir", "Where networks are configured (else NETCONFPATH, else /etc/cni/net.d)").pipe(
    Flag.optional
  ),
  pluginDirs: directory("plugin-dir", "Where plugins are; can be repeated (else CNI_PATH, a list like PATH)").pipe(
    Flag.atLeast(0)
  ),
  cacheDir: directory("cache-dir", "Where attachments are recorded (else CNI_CACHE_DIR, else /var/lib/cni)").pipe(
    Flag.optional
  ),
  timeout: Flag.String("timeout").pipe(
    Flag.withMetavar("TIME"),
    Flag.withDescription("How long each plugin, and a wait for another operation, may take: 500ms, 30s, 2m, 1h"),
    Flag.filterMap(parseTimeout, (value) => `"${value}" is no time: write it like 500ms, 30s, 2m or 1h`),
    Flag.optional
  ),
  trace: toggle("trace", "Show on stderr which plugins were run, when, for how long, and what came of it"),
  traceIo: toggle("trace-io", "The same, with what went into the plugins and came out of them"),
  json: toggle("json", "Write the result, or the error, to stdout as one JSON object")
}

/** The command without its subcommands; in the handler of a subcommand, `yield*` gives the shared flags. */
export const effectCni = Command.make("effect-cni").pipe(
  Command.withSharedFlags(sharedFlags),
  Command.withDescription(
    "Attach containers to networks by CNI plugins, see what is attached, and find out why it does not work. " +
      "The commands add, check, del, gc and status do what cnitool's do."
  ),
  Command.withExamples([
    { command: "effect-cni networks", description: "See which networks there are" },
    {
      command: "effect-cni exec mynet -- ping -c 1 10.1.0.1",
      description: "Try one: run a command in a new namespace, and clean up"
    },
    { command: "effect-cni --completions bash", description: "Completions, to be sourced by the shell" }
  ])
)

/** The values that one call gives to them. */
export type SharedFlags = Effect.Success<typeof effectCni>

/** The flags that say where a call works. */
export type Directories = Pick<SharedFlags, "confDir" | "pluginDirs" | "cacheDir">

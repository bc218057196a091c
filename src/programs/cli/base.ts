/** The command itself, without its subcommands: the flags that all of them share. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { parseTimeout } from "./internal/timeout.ts"

const named = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

/** An empty one is mostly a variable of a script that is not set. */
const directory = (name: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription(description),
    Flag.filterMap(
      (path) => path === "" ? Option.none() : Option.some(path),
      () => "the name of a directory, which cannot be empty (is a variable not set?)"
    )
  )

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
  trace: Flag.Boolean("trace").pipe(
    Flag.withDescription("Show on stderr which plugins were run, when, for how long, and what came of it"),
    Flag.withDefault(false)
  ),
  traceIo: Flag.Boolean("trace-io").pipe(
    Flag.withDescription("The same, with what went into the plugins and came out of them"),
    Flag.withDefault(false)
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withDescription("Write the result, or the error, to stdout as one JSON object"),
    Flag.withDefault(false)
  )
}

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

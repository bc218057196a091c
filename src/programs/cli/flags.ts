/** The flags that all subcommands share; where a flag is not given, the environment, which is read as cnitool reads it. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { RuntimeConf } from "../../domain/attachment/RuntimeConf.ts"
import { InvalidVariable } from "../../domain/errors/CommandError.ts"
import { goQuote } from "../../domain/errors/GoWording.ts"
import { isJsonObject, type JsonObject, parse } from "../../domain/json/Json.ts"
import type { Places } from "../../services/command/CommandHost.ts"

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

/** Flags and environment together. `ifNameFlag` is there only where the flag was given. */
export interface Settings extends Omit<SharedFlags, "ifName"> {
  readonly places: Places
  readonly ifName: string
  readonly ifNameFlag: Option.Option<string>
}

/** Reads the settings of a call; flags win. */
export const settingsOf = Effect.fnUntraced(function*(
  flags: SharedFlags
): Effect.fn.Return<Settings, InvalidVariable> {
  const searchPath = yield* variable("CNI_PATH")
  return {
    ...flags,
    ifName: yield* first(flags.ifName, "CNI_IFNAME", "eth0"),
    ifNameFlag: flags.ifName,
    places: {
      confDir: yield* first(flags.confDir, "NETCONFPATH", "/etc/cni/net.d"),
      cacheDir: yield* first(flags.cacheDir, "CNI_CACHE_DIR", "/var/lib/cni"),
      pluginPaths: flags.pluginDirs.length > 0 ? flags.pluginDirs : searchPath.split(":").filter((path) => path !== "")
    }
  }
})

const first = (flag: Option.Option<string>, name: string, otherwise: string) =>
  Option.match(flag, {
    onSome: Effect.succeed,
    onNone: () => Effect.map(variable(name), (value) => value === "" ? otherwise : value)
  })

/** The value of a variable of the environment; empty if it is not set. */
const variable = Effect.fnUntraced(function*(name: string): Effect.fn.Return<string, InvalidVariable> {
  const provider = yield* ConfigProvider.ConfigProvider
  const node = yield* provider.load([name]).pipe(
    Effect.mapError(({ message }) => new InvalidVariable({ variable: name, value: "", reason: message }))
  )
  return node?.value ?? ""
})

/** The arguments that CNI_ARGS and CAP_ARGS hold. */
export const argumentsOfEnvironment: Effect.Effect<
  Pick<RuntimeConf, "args" | "capabilityArgs">,
  InvalidVariable
> = Effect.gen(function*() {
  const capabilityArgs = yield* capabilityArgsIn(yield* variable("CAP_ARGS"))
  const args = yield* argsIn(yield* variable("CNI_ARGS"))
  return { ...(args && { args }), ...(capabilityArgs && { capabilityArgs }) }
})

const capabilityArgsIn = Effect.fnUntraced(function*(
  value: string
): Effect.fn.Return<JsonObject | undefined, InvalidVariable> {
  if (value === "") return undefined
  const invalid = (reason: string) => new InvalidVariable({ variable: "CAP_ARGS", value, reason })
  const json = yield* Effect.mapError(Effect.fromResult(parse(value)), invalid)
  if (json === null) return undefined
  return isJsonObject(json) ? json : yield* invalid("it must be a JSON object")
})

const argsIn = Effect.fnUntraced(function*(
  value: string
): Effect.fn.Return<RuntimeConf["args"], InvalidVariable> {
  if (value === "") return undefined
  return yield* Effect.forEach(value.split(";"), (pair) => {
    const [key = "", argument = "", ...more] = pair.split("=")
    return key === "" || argument === "" || more.length > 0
      ? new InvalidVariable({ variable: "CNI_ARGS", value, reason: `invalid CNI_ARGS pair ${goQuote(pair)}` })
      : Effect.succeed([key, argument] as const)
  })
})

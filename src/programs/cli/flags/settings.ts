/** What a command goes by: its flags, and where they say nothing the environment, as cnitool reads it. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { RuntimeConf } from "../../../domain/attachment/RuntimeConf.ts"
import { InvalidVariable } from "../../../domain/errors/CommandError.ts"
import { goQuote } from "../../../domain/errors/Quoting.ts"
import { isJsonObject, type JsonObject, parse } from "../../../domain/json/Json.ts"
import type { Places } from "../../../services/command/CommandHost.ts"
import type { SharedFlags } from "./sharedFlags.ts"

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

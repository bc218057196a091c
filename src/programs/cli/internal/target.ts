/** The network and the attachment that the commands of cnitool are about. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { RuntimeConf } from "../../../domain/attachment/RuntimeConf.ts"
import { UsageError } from "../../../domain/errors/CommandError.ts"
import { CommandHost } from "../../../services/command/CommandHost.ts"
import { NetworkConfigs } from "../../../services/network/NetworkConfigs.ts"
import { argumentsOfEnvironment, type Settings } from "./settings.ts"

/** The arguments of a command on one attachment. */
export interface TargetInput {
  readonly network: string
  readonly netns: Option.Option<string>
}

/** The network of that name. As in cnitool, arguments that cannot be read are an error, whether they are used or not. */
export const loadNetwork = (name: string) => Effect.tap(NetworkConfigs.load(name), () => argumentsOfEnvironment)

/** What `add` and `check` do their work on. */
export const loadTarget = Effect.fnUntraced(function*(command: string, input: TargetInput, settings: Settings) {
  const netns = yield* namespaceFor(command, input, settings)
  const network = yield* NetworkConfigs.load(input.network)
  return { network, conf: yield* confOf(netns, settings) }
})

/** The namespace that a command is given, which it may do without where it is told the container's ID. */
export const namespaceFor = Effect.fnUntraced(function*(
  command: string,
  input: Pick<TargetInput, "netns">,
  settings: Settings
) {
  const given = Option.orElse(settings.netns, () => input.netns)
  if (Option.isNone(given) && (command === "add" || Option.isNone(settings.containerId))) {
    return yield* noNamespace(command)
  }
  const host = yield* CommandHost
  return yield* Effect.transposeOption(Option.map(given, host.absolute))
})

/** The attachment that a command is about, whatever its network. */
export const confOf = Effect.fnUntraced(function*(netns: Option.Option<string>, settings: Settings) {
  const args = yield* argumentsOfEnvironment
  const conf: RuntimeConf = {
    containerId: yield* containerIdOf(settings, Option.getOrElse(netns, () => "")),
    ifName: settings.ifName,
    ...args,
    ...(Option.isSome(netns) ? { netns: netns.value } : {})
  }
  return conf
})

const noNamespace = (command: string) =>
  new UsageError({
    problems: [`${command} needs a network namespace: give its path after the network, or as --netns`],
    usage: `effect-cni ${command} NETWORK NETNS`,
    libcni: "requires at least 2 arg(s), only received 1"
  })

/** As cnitool makes it, so that either can go on with what the other one has attached. */
const containerIdOf = Effect.fnUntraced(function*({ containerId }: Settings, netns: string) {
  if (Option.isSome(containerId)) return containerId.value
  return `cnitool-${(yield* (yield* CommandHost).sha512(netns)).slice(0, 20)}`
})

/** The network and the attachment that a call names. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AttachmentKey } from "../../../../domain/attachment/AttachmentKey.ts"
import type { RuntimeConf } from "../../../../domain/attachment/RuntimeConf.ts"
import { UsageError } from "../../../../domain/errors/CommandError.ts"
import { AttachmentJournal } from "../../../../services/attachment/AttachmentJournal.ts"
import { CommandHost } from "../../../../services/command/CommandHost.ts"
import { NetworkConfigs } from "../../../../services/network/NetworkConfigs.ts"
import { argumentsOfEnvironment, type Settings } from "../../flags.ts"

/** The arguments of a command on one attachment. */
export interface AttachmentArgs {
  readonly network: string
  readonly netns: Option.Option<string>
}

/** Loads a network. As in cnitool, unreadable variables are an error whether the command uses them or not. */
export const loadNetwork = (name: string) => Effect.tap(NetworkConfigs.load(name), () => argumentsOfEnvironment)

/** Loads the network and the parameters for `add` and `check`. */
export const loadAttachment = Effect.fnUntraced(function*(command: string, input: AttachmentArgs, settings: Settings) {
  const netns = yield* namespaceFor(command, input, settings)
  const network = yield* NetworkConfigs.load(input.network)
  return { network, conf: yield* confOf(netns, settings) }
})

/** The namespace that a call names. Every command but `add` can do without one where it is given the container's ID. */
export const namespaceFor = Effect.fnUntraced(function*(
  command: string,
  input: Pick<AttachmentArgs, "netns">,
  settings: Settings
) {
  const given = Option.orElse(settings.netns, () => input.netns)
  if (Option.isNone(given) && (command === "add" || Option.isNone(settings.containerId))) {
    return yield* new UsageError({
      problems: [`${command} needs a network namespace: give its path after the network, or as --netns`],
      usage: `effect-cni ${command} NETWORK NETNS`,
      libcni: "requires at least 2 arg(s), only received 1"
    })
  }
  const host = yield* CommandHost
  return yield* Effect.transposeOption(Option.map(given, host.absolute))
})

/** The attachment's parameters, for any network. */
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

/** Made as cnitool makes it, so that either command can go on with what the other one has attached. */
const containerIdOf = Effect.fnUntraced(function*({ containerId }: Settings, netns: string) {
  if (Option.isSome(containerId)) return containerId.value
  return `cnitool-${(yield* (yield* CommandHost).sha512(netns)).slice(0, 20)}`
})

/** Whether nothing of an attachment is left: the journal keeps what an undo could not delete. */
export const isDetached = Effect.fnUntraced(function*(key: AttachmentKey) {
  const entry = yield* Effect.option((yield* AttachmentJournal).get(key))
  return Option.isSome(entry) && Option.isNone(entry.value)
})

/** Detaches: by the configuration, or where there is none any more by what is stored. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import { UsageError } from "../../../domain/errors/CommandError.ts"
import { NetworkConfigs } from "../../../services/network/NetworkConfigs.ts"
import { delNetworkList } from "../../delNetworkList.ts"
import { delAttachment } from "../../detach.ts"
import { type Answer, commanding, type Leaving, operating } from "../internal/commanding.ts"
import { recoverOf } from "../internal/commands.ts"
import { detachAll } from "../internal/detachAll.ts"
import { worded } from "../internal/failure.ts"
import { remark } from "../internal/remark.ts"
import type { Settings } from "../internal/settings.ts"
import { Flags } from "../internal/sharedFlags.ts"
import { confOf, namespaceFor, type TargetInput } from "../internal/target.ts"

/** What it is told. Without a network, everything of a container. */
export interface DelInput extends Pick<TargetInput, "netns"> {
  readonly network: Option.Option<string>
  readonly all: boolean
}

export const run = commanding(
  "del",
  Effect.fnUntraced(function*(input: DelInput, settings: Settings, leaving: Leaving) {
    const { all, network } = input
    if (all && Option.isSome(network)) return yield* contradiction
    const isNamed = [network, settings.containerId, settings.netns, all ? input.netns : Option.none()].some(
      Option.isSome
    )
    if (!isNamed) return yield* nothingNamed
    const detaching = Effect.gen(function*() {
      yield* Ref.set(leaving, `some plugins may not have been asked; to go on:\n  ${recoverOf(settings)}`)
      return Option.isNone(network)
        ? yield* detachEverything(input, settings)
        : yield* detachFrom({ ...input, network: network.value }, settings)
    })
    return yield* Effect.provide(detaching, yield* operating(settings))
  })
)

const usage = "effect-cni del (NETWORK NETNS | NETWORK --container-id ID | --all --container-id ID)"

const contradiction = new UsageError({
  problems: ["--all detaches from all networks, so there can be no NETWORK beside it"],
  usage
})

const nothingNamed = new UsageError({
  problems: ["del needs a network, or a container to detach from all networks: --container-id ID, or --netns PATH"],
  usage,
  libcni: "requires at least 2 arg(s), only received 0"
})

const detachFrom = Effect.fnUntraced(function*(input: TargetInput, settings: Settings) {
  const netns = yield* namespaceFor("del", input, settings)
  const loaded = yield* Effect.result(NetworkConfigs.load(input.network))
  const conf = yield* confOf(netns, settings)
  if (Result.isSuccess(loaded)) {
    const network = loaded.success
    yield* delNetworkList(network, conf).pipe(worded("delNetworkList", network))
    return { result: null } satisfies Answer
  }
  const { containerId, ifName } = conf
  const reason = loaded.failure
  yield* delAttachment({ network: input.network, containerId, ifName }).pipe(
    Effect.catchTag("NotAttached", () => Effect.fail(reason))
  )
  yield* remark(`warning: ${reason.message}: detached by what is stored`, settings)
  return { result: { network: input.network, containerId, ifName, by: "stored", reason: reason._tag } } satisfies Answer
})

const detachEverything = Effect.fnUntraced(function*(input: Pick<TargetInput, "netns">, settings: Settings) {
  const { containerId } = yield* confOf(yield* namespaceFor("del", input, settings), settings)
  const { ifName } = yield* Flags
  return yield* detachAll(containerId, ifName, settings)
})

/** Detaches: by the configuration, or by what is stored where the network is no longer configured. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { UsageError } from "../../../../domain/errors/CommandError.ts"
import { NetworkConfigs } from "../../../../services/network/NetworkConfigs.ts"
import { delNetworkList } from "../../../delNetworkList.ts"
import { delAttachment } from "../../../detach.ts"
import { type Call, handler, operating, remark } from "../../call/handler.ts"
import { inLibcniWords } from "../../failure/failure.ts"
import { recoverOf } from "../../failure/suggestedCommands.ts"
import { type AttachmentArgs, confOf, namespaceFor } from "./attachmentArgs.ts"
import { detachAll } from "./detachAll.ts"

/** Without a network, the container is detached from all. */
export interface DelArgs extends Pick<AttachmentArgs, "netns"> {
  readonly network: Option.Option<string>
  readonly all: boolean
}

export const run = handler("del", operating, function*({ all, netns: given, network }: DelArgs, call) {
  if (all && Option.isSome(network)) return yield* contradiction
  const isNamed = [network, call.containerId, call.netns, all ? given : Option.none()].some(Option.isSome)
  if (!isNamed) return yield* nothingNamed
  yield* call.leaves(`some plugins may not have been asked; to go on:\n  ${recoverOf(call)}`)
  const netns = yield* namespaceFor("del", { netns: given }, call)
  if (Option.isSome(network)) return yield* detachFrom(network.value, netns, call)
  const { containerId } = yield* confOf(netns, call)
  return yield* detachAll(containerId, call)
})

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

const detachFrom = Effect.fnUntraced(function*(network: string, netns: Option.Option<string>, call: Call) {
  const loaded = yield* Effect.result(NetworkConfigs.load(network))
  const conf = yield* confOf(netns, call)
  if (Result.isSuccess(loaded)) {
    yield* delNetworkList(loaded.success, conf).pipe(inLibcniWords("delNetworkList", loaded.success))
    return { result: null }
  }
  const { containerId, ifName } = conf
  const reason = loaded.failure
  yield* delAttachment({ network, containerId, ifName }).pipe(
    Effect.catchTag("NotAttached", () => Effect.fail(reason))
  )
  yield* remark(`warning: ${reason.message}: detached by what is stored`, call)
  return { result: { network, containerId, ifName, by: "stored", reason: reason._tag } }
})

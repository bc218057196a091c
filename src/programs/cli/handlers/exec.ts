/** Runs a command in a network namespace that lasts as long as the command does. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AttachmentKey } from "../../../domain/attachment/AttachmentKey.ts"
import type { RuntimeConf } from "../../../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../../../domain/config/NetworkConfigList.ts"
import { UsageError } from "../../../domain/errors/CommandError.ts"
import { resolvConfOf } from "../../../domain/result/ResultText.ts"
import type { Attachment } from "../../../domain/VerbOutcomes.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { type ScratchNamespace, ScratchNamespaces } from "../../../services/network/ScratchNamespaces.ts"
import { ExistingInterface } from "../../../services/Tunables.ts"
import { attach } from "../../attach.ts"
import { type Call, handler, operatingInNamespaces } from "../call/handler.ts"
import { inLibcniWords } from "../failure/failure.ts"
import { recoverOf } from "../failure/suggestedCommands.ts"
import { argumentsOfEnvironment, type Directories } from "../flags.ts"
import { styleOf } from "../text/text.ts"
import { isDetached, loadNetwork } from "./cnitool/attachmentArgs.ts"

export interface ExecArgs {
  readonly network: string
  readonly command: ReadonlyArray<string>
}

export const exec = handler("exec", operatingInNamespaces, function*({ command, network }: ExecArgs, call) {
  if (Option.isSome(call.netns)) return yield* contradiction
  const ended = yield* Effect.scoped(runAttached(network, command, call))
  const key = { network, containerId: ended.containerId, ifName: ended.ifName }
  const detached = yield* isDetached(key)
  // A command that succeeded does not hide what was left behind.
  if (!detached) yield* (yield* CommandOutput).complain(`warning: ${stillAttached(key, call)}\n`)
  return { result: { ...ended, detached }, status: ended.status || (detached ? 0 : 1) }
})

const contradiction = new UsageError({
  problems: ["exec makes a network namespace of its own, so there can be no --netns"],
  usage: "effect-cni exec NETWORK -- COMMAND…"
})

const runAttached = Effect.fnUntraced(function*(
  network: string,
  [program = "", ...args]: ReadonlyArray<string>,
  call: Call
) {
  const namespaces = yield* ScratchNamespaces
  const list = yield* loadNetwork(network)
  yield* namespaces.find(program)
  const namespace = yield* namespaces.make
  const attachment = yield* attachTo(list, namespace, call)
  const { containerId, ifName, result } = attachment
  const ending = yield* call.withTerminal(
    Effect.andThen(announce(attachment), namespaces.run(namespace, program, args))
  )
  // The command's own output may end in the middle of a line.
  if (call.json) yield* (yield* CommandOutput).write("\n")
  return { ...ending, containerId, ifName, namespace: namespace.path, attachment: result.json }
})

const attachTo = Effect.fnUntraced(function*(list: NetworkConfigList, namespace: ScratchNamespace, call: Call) {
  const namespaces = yield* ScratchNamespaces
  const conf: RuntimeConf = {
    containerId: Option.getOrElse(call.containerId, () => namespace.name),
    ifName: call.ifName,
    netns: namespace.path,
    ...(yield* argumentsOfEnvironment)
  }
  const key = { ...conf, network: list.name }
  // This finalizer runs after the one that detaches, and before the one that removes the namespace.
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(
      isDetached(key),
      (isGone) =>
        call.leaves(isGone ? "what was attached is detached, and the namespace is removed" : stillAttached(key, call))
    )
  )
  const attachment = yield* attach(list, conf).pipe(
    Effect.provideService(ExistingInterface, "new namespace"),
    inLibcniWords("addNetworkList", list)
  )
  const resolvConf = resolvConfOf(attachment.result.dns)
  if (resolvConf !== undefined) yield* namespaces.resolveBy(namespace, resolvConf)
  return attachment
})

const stillAttached = ({ containerId, network }: AttachmentKey, directories: Directories): string =>
  `container ${containerId} could not be detached from ${network}; to try again:\n  ${recoverOf(directories)}`

/** Tells a person at a terminal where the command will find itself. */
const announce = Effect.fnUntraced(function*({ ifName, network, result }: Attachment) {
  const output = yield* CommandOutput
  const surface = yield* output.stderr
  if (!surface.isTerminal) return
  const addresses = result.ips.map(({ address }) => address)
  const what = addresses.length === 0 ? "no address" : addresses.join(", ")
  yield* output.complain(`${styleOf(surface).dim(`${ifName} on ${network}: ${what}`)}\n`)
})

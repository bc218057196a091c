/** Runs a command in a network namespace that lasts as long as it does. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type { RuntimeConf } from "../../../domain/attachment/RuntimeConf.ts"
import type { NetworkConfigList } from "../../../domain/config/NetworkConfigList.ts"
import { UsageError } from "../../../domain/errors/CommandError.ts"
import type { JsonObject } from "../../../domain/json/Json.ts"
import * as ResolvConf from "../../../domain/result/ResolvConf.ts"
import { AttachmentJournal } from "../../../services/attachment/AttachmentJournal.ts"
import { CommandOutput } from "../../../services/command/CommandOutput.ts"
import { type ScratchNamespace, ScratchNamespaces } from "../../../services/network/ScratchNamespaces.ts"
import { ExistingInterface } from "../../../services/Tunables.ts"
import { attach, type Attachment } from "../../attach.ts"
import { aside } from "../internal/aside.ts"
import { type Answer, commanding, type Leaving, operatingInNamespaces } from "../internal/commanding.ts"
import { type Directories, recoverOf } from "../internal/commands.ts"
import { worded } from "../internal/failure.ts"
import { argumentsOfEnvironment, type Settings } from "../internal/settings.ts"
import { styleOf } from "../internal/style.ts"
import { loadNetwork } from "../internal/target.ts"

/** What it is told. */
export interface ExecInput {
  readonly network: string
  readonly command: ReadonlyArray<string>
}

export const run = commanding(
  "exec",
  Effect.fnUntraced(
    function*({ command: [program = "", ...args], network }: ExecInput, settings: Settings, leaving: Leaving) {
      if (Option.isSome(settings.netns)) return yield* contradiction
      const running = Effect.gen(function*() {
        const namespaces = yield* ScratchNamespaces
        const list = yield* loadNetwork(network)
        yield* namespaces.find(program)
        const namespace = yield* namespaces.make
        const attachment = yield* attachTo(list, namespace, settings, leaving)
        const { containerId, ifName, result } = attachment
        const commanded = Effect.andThen(announce(attachment), namespaces.run(namespace, program, args))
        const ending = yield* aside(settings, commanded)
        // The command's own output may end in the middle of a line.
        if (settings.json) yield* (yield* CommandOutput).write("\n")
        return { ...ending, containerId, ifName, namespace: namespace.path, attachment: result.json }
      })
      return yield* Effect.provide(
        Effect.flatMap(Effect.scoped(running), (ended) => answerOf(network, ended, settings)),
        yield* operatingInNamespaces(settings)
      )
    }
  )
)

const contradiction = new UsageError({
  problems: ["exec makes a network namespace of its own, so there can be no --netns"],
  usage: "effect-cni exec NETWORK -- COMMAND…"
})

const attachTo = Effect.fnUntraced(function*(
  list: NetworkConfigList,
  namespace: ScratchNamespace,
  settings: Settings,
  leaving: Ref.Ref<string>
) {
  const namespaces = yield* ScratchNamespaces
  const conf: RuntimeConf = {
    containerId: Option.getOrElse(settings.containerId, () => namespace.name),
    ifName: settings.ifName,
    netns: namespace.path,
    ...(yield* argumentsOfEnvironment)
  }
  // Its finalizer comes after the one that detaches, and before the one that removes the namespace.
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(whatIsLeft(list.name, conf, settings), (left) => Ref.set(leaving, left))
  )
  const attachment = yield* attach(list, conf).pipe(
    Effect.provideService(ExistingInterface, "new namespace"),
    worded("addNetworkList", list)
  )
  const resolvConf = ResolvConf.fromDns(attachment.result.dns)
  if (resolvConf !== undefined) yield* namespaces.resolveBy(namespace, resolvConf)
  return attachment
})

const whatIsLeft = (network: string, conf: RuntimeConf, directories: Directories) =>
  Effect.map(
    isDetached(network, conf),
    (isGone) =>
      isGone ? "what was attached is detached, and the namespace is removed" : stillAttached(network, conf, directories)
  )

const stillAttached = (
  network: string,
  { containerId }: Pick<RuntimeConf, "containerId">,
  directories: Directories
): string =>
  `container ${containerId} could not be detached from ${network}; to try again:\n  ${recoverOf(directories)}`

const isDetached = Effect.fnUntraced(function*(
  network: string,
  { containerId, ifName }: Pick<RuntimeConf, "containerId" | "ifName">
) {
  const journal = yield* AttachmentJournal
  const entry = yield* Effect.result(journal.get({ network, containerId, ifName }))
  return entry._tag === "Success" && Option.isNone(entry.success)
})

interface Ended {
  readonly status: number
  readonly containerId: string
  readonly ifName: string
}

/** A command that did well does not hide what was left behind. */
const answerOf = Effect.fnUntraced(function*<A extends Ended & JsonObject>(
  network: string,
  ended: A,
  directories: Directories
) {
  const detached = yield* isDetached(network, ended)
  if (!detached) yield* (yield* CommandOutput).complain(`warning: ${stillAttached(network, ended, directories)}\n`)
  return { result: { ...ended, detached }, status: ended.status || (detached ? 0 : 1) } satisfies Answer
})

/** For a person who looks on: where the command will find itself. */
const announce = Effect.fnUntraced(function*({ ifName, network, result }: Attachment) {
  const output = yield* CommandOutput
  const surface = yield* output.stderr
  if (!surface.isTerminal) return
  const addresses = result.ips.map(({ address }) => address)
  const what = addresses.length === 0 ? "no address" : addresses.join(", ")
  yield* output.complain(`${styleOf(surface).dim(`${ifName} on ${network}: ${what}`)}\n`)
})

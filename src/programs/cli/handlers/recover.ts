/** Cleans up after the dead. */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { AttachmentJournal } from "../../../services/attachment/AttachmentJournal.ts"
import { ScratchNamespaces, type Swept } from "../../../services/network/ScratchNamespaces.ts"
import * as Recover from "../../recover.ts"
import { type Answer, commanding, type Leaving, operatingInNamespaces } from "../internal/commanding.ts"
import { abandonOf, type Directories, recoverOf, toRun } from "../internal/commands.ts"
import { membersOf } from "../internal/envelope.ts"
import { harmless } from "../internal/harmless.ts"
import type { Settings } from "../internal/settings.ts"

export const run = commanding(
  "recover",
  Effect.fnUntraced(function*(_: unknown, settings: Settings, leaving: Leaving) {
    yield* Ref.set(leaving, `what was not recovered yet is as it was; to go on: ${recoverOf(settings)}`)
    const recovering = Effect.gen(function*() {
      const recovery = yield* Recover.recover
      // A namespace is of use to those who try to detach from it again.
      const { entries } = yield* (yield* AttachmentJournal).list()
      const swept = yield* (yield* ScratchNamespaces).sweep(new Set(entries.map(({ netns }) => netns)))
      return answerOf(recovery, swept, settings)
    })
    return yield* Effect.provide(recovering, yield* operatingInNamespaces(settings))
  })
)

const answerOf = (recovery: Recover.Recovery, swept: Swept, directories: Directories): Answer => {
  const failures = [...recovery.failing, ...recovery.damaged, ...swept.failing]
  return {
    ok: failures.length === 0,
    text: textOf(recovery, swept, directories),
    result: {
      recovered: recovery.recovered.map((found) => ({ ...found })),
      live: recovery.live.map((found) => ({ ...found })),
      namespaces: swept.removed,
      failing: failures.map((error) => ({ ...membersOf(error), _tag: error._tag, message: error.message }))
    }
  }
}

const textOf = (
  { damaged, failing, live, recovered }: Recover.Recovery,
  swept: Swept,
  directories: Directories
): string => {
  const lines = [
    ...recovered.map((found) => `recovered  ${nameOf(found)}, which was ${stateOf(found)}`),
    ...swept.removed.map((name) => `removed    namespace ${name}`),
    ...live.map((found) => `left alone ${nameOf(found)}, which is ${lives[found.state]}`),
    ...[...failing, ...swept.failing].map(({ message }) => `failed     ${message}`),
    ...failing.flatMap((key) => toRun("to forget it, when that can never succeed", abandonOf(key, directories)))
      .map((text) => `           ${text}`),
    ...damaged.map(({ message }) => `unreadable ${message}`)
  ]
  const isNothing =
    recovered.length + swept.removed.length + failing.length + swept.failing.length + damaged.length === 0
  return [...lines, ...(isNothing ? ["nothing was left by runtimes that died"] : [])]
    .map((line) => `${harmless(line)}\n`).join("")
}

const nameOf = ({ containerId, ifName, network }: Recover.Found): string => `${containerId}:${ifName} on ${network}`

const stateOf = ({ ofEarlierBoot, state }: Recover.Found): string =>
  ofEarlierBoot ? `${lives[state]} when the host was shut down: it is of an earlier boot` : states[state]

const states: Readonly<Record<Recover.Found["state"], string>> = {
  adding: "half attached",
  attached: "attached for a process that has ended",
  deleting: "half detached",
  failed: "not to be deleted before"
}

const lives: Readonly<Record<Recover.Found["state"], string>> = {
  adding: "being attached",
  attached: "attached",
  deleting: "being detached",
  failed: "being deleted"
}

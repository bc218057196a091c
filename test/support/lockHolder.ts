#!/usr/bin/env -S node --conditions=effect-cni-source
/**
 * Another process that wants locks: `lockHolder.ts <cache directory> <LockWaitLimit> <lock>...`, where a lock is
 * `network:<name>:shared`, `network:<name>:exclusive`, `container:<ID>` or `owner`. It says `asking`, then who it is if
 * that was asked for, then `holding` or the tag of the error, and ends with its stdin. `try:<lock>` tries it, and says
 * `had`, or the tag of the error. Some go on all the time:
 *
 * - `churn:<network>`: the network is shared by one or more at every moment; it says `+` and `-` for each;
 * - `fight:<container>`: it takes the container, and says `alone`, or `overlap` when another such process has it too;
 * - `sweep`: it sweeps.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as NodeAttachmentLock from "../../src/layers/lock/NodeAttachmentLock.ts"
import { AttachmentLock } from "../../src/services/attachment/AttachmentLock.ts"
import { LockWaitLimit } from "../../src/services/Tunables.ts"

const [directory = "", limit = "", ...wanted] = process.argv.slice(2)

const say = (line: string) => Effect.sync(() => process.stdout.write(`${line}\n`))

const take = Effect.fnUntraced(function*(what: string) {
  if (!what.startsWith("try:")) return yield* hold(what)
  return yield* Effect.scoped(hold(what.slice("try:".length))).pipe(
    Effect.andThen(say("had")),
    Effect.catch(({ _tag }) => say(_tag))
  )
})

const hold = Effect.fnUntraced(function*(what: string) {
  const lock = yield* AttachmentLock
  const [kind, name = "", mode] = what.split(":")
  switch (kind) {
    case "network":
      return yield* lock.network(name, mode === "shared" ? "shared" : "exclusive")
    case "container":
      return yield* lock.container(name)
    case "owner":
      return yield* say(JSON.stringify(yield* lock.owner))
    case "churn":
      return yield* Effect.forkScoped(churn(name))
    case "fight":
      return yield* Effect.forkScoped(Effect.forever(Effect.scoped(fight(name))))
    default:
      return yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.ignore(lock.sweep), Effect.yieldNow)))
  }
})

const churn = (network: string) =>
  Effect.forever(Effect.andThen(Effect.forkScoped(Effect.scoped(sharing(network))), Effect.sleep("5 millis")))

const sharing = Effect.fnUntraced(function*(network: string) {
  yield* (yield* AttachmentLock).network(network, "shared")
  yield* Effect.acquireRelease(say("+"), () => say("-"))
  yield* Effect.sleep("50 millis")
})

const fight = Effect.fnUntraced(function*(containerId: string) {
  yield* (yield* AttachmentLock).container(containerId)
  const mark = `${directory}/${containerId}`
  const isAlone = yield* Effect.isSuccess(Effect.try(() => Fs.mkdirSync(mark)))
  yield* say(isAlone ? "alone" : "overlap")
  yield* Effect.yieldNow
  if (isAlone) Fs.rmdirSync(mark)
})

const stdinEnds = Effect.callback<void>((resume) => {
  process.stdin.on("end", () => resume(Effect.void)).resume()
})

Effect.gen(function*() {
  yield* say("asking")
  yield* Effect.forEach(wanted, take, { discard: true })
  yield* say("holding")
  yield* stdinEnds
}).pipe(
  Effect.scoped,
  Effect.catch(({ _tag }) => say(_tag)),
  Effect.provideService(LockWaitLimit, Duration.millis(Number(limit))),
  Effect.provide(NodeAttachmentLock.layer(directory)),
  NodeRuntime.runMain
)

/** The host of a sequence: real operations on services in memory, with plugins that allocate and can go wrong. */
import {
  type Attachment,
  AttachmentCache,
  AttachmentJournal,
  type AttachmentKey,
  AttachmentLock,
  Cni,
  type CniError,
  type CniServices,
  JournalEntry,
  type PluginRequest,
  type RuntimeConf,
  type VerbErrors
} from "effect-cni"
import { Faults, MemoryCni, type PluginInvocations } from "effect-cni/testing"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { allocating, type Ledger } from "../support/ledger.ts"
import { network } from "../support/network.ts"
import { type End, type Name, nameOf, type Status } from "./model.ts"
import type { PluginFault, Step } from "./steps.ts"

/** The plugins of every network. */
export const plugins = ["a", "b", "c"] as const

const networks = { n1: network(plugins, { name: "n1" }), n2: network(plugins, { name: "n2", cniVersion: "1.1.0" }) }

/** One host, on which one runtime follows the other as they die. */
export class Host {
  readonly ledger: Ledger = new Set()
  readonly #scopes = new Map<Name, Scope.Closeable>()
  #fault: PluginFault | null = null
  #runtime: Faults.Runtime | undefined
  #end: { readonly how: Step["end"]["how"]; readonly from: number; readonly at: number } | undefined

  /** Its services. */
  readonly layer: Layer.Layer<Cni | CniServices | PluginInvocations> = MemoryCni.layer(
    Object.fromEntries(plugins.map((type) => [type, (invocation) => this.#answer(invocation)]))
  )

  #answer(invocation: PluginRequest.PluginInvocation): MemoryCni.Answer {
    const fault = this.#fault
    const isFaulty = fault?.plugin === invocation.plugin && fault.command === invocation.command
    if (isFaulty && fault.how === "refuses before") return refusal
    const answer = allocating(this.ledger)(invocation)
    if (!isFaulty) return answer
    return fault.how === "hangs" ? MemoryCni.hang : refusal
  }

  /** Performs a step, in a new runtime if the last one has died. */
  readonly perform = (step: Step): Effect.Effect<End, never, Cni | CniServices> =>
    Effect.gen({ self: this }, function*() {
      const runtime = this.#runtime ??= yield* Faults.make(({ index }) => this.#faultAt(index))
      this.#fault = step.fault
      this.#end = { ...step.end, from: (yield* runtime.steps).length }
      const exit = yield* inTime(runtime.run(this.#program(step)))
      this.#fault = null
      this.#end = undefined
      if (Option.isNone(exit)) {
        this.#runtime = undefined
        this.#scopes.clear()
        return "killed"
      }
      if (Exit.isSuccess(exit.value)) return "succeeded"
      if (Cause.hasDies(exit.value.cause)) return yield* Effect.die(Cause.squash(exit.value.cause))
      if (Cause.hasInterrupts(exit.value.cause)) return "interrupted"
      return { failed: Option.getOrThrow(Cause.findErrorOption(exit.value.cause))._tag }
    })

  #faultAt(index: number): Faults.Fault | undefined {
    const end = this.#end
    if (end === undefined || index !== end.from + end.at) return undefined
    if (end.how === "killed") return Faults.crash
    return end.how === "interrupted" ? Faults.interrupt : undefined
  }

  #program(
    step: Step
  ): Effect.Effect<unknown, VerbErrors.AddNetworkListError | { readonly _tag: string }, Cni | CniServices> {
    const { containerId, ifName, network } = step
    const list = networks[network]
    const conf: RuntimeConf.RuntimeConf = { containerId, ifName, netns: `/run/netns/${containerId}` }
    switch (step.operation) {
      case "add":
        return Cni.addNetworkList(list, conf)
      case "attach":
        return this.#attach(nameOf(step), Cni.attach(list, conf))
      case "close":
        return this.#close(nameOf(step))
      case "del":
        return Cni.delNetworkList(list, conf)
      case "detach":
        return Cni.detach(list, conf)
      case "delAttachment":
        return Cni.delAttachment({ network, containerId, ifName })
      case "check":
        return Cni.checkNetworkList(list, conf)
      case "gc":
        return Cni.gcNetworkList(list, { keep: ["eth0", "eth1"].map((kept) => ({ containerId, ifName: kept })) })
      case "recover":
        return Cni.recover
      case "abandon":
        return Cni.abandon({ network, containerId, ifName })
    }
  }

  #attach<E>(name: Name, attaching: Effect.Effect<Attachment, E, Cni | CniServices | Scope.Scope>) {
    return Effect.uninterruptibleMask((restore) =>
      Effect.gen({ self: this }, function*() {
        const scope = yield* Scope.make()
        const attached = restore(Effect.provideService(attaching, Scope.Scope, scope))
        yield* Effect.onExit(attached, (exit) => Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit))
        this.#scopes.set(name, scope)
      })
    )
  }

  #close(name: Name) {
    const scope = this.#scopes.get(name)
    this.#scopes.delete(name)
    return scope === undefined ? Effect.void : Effect.uninterruptible(Scope.close(scope, Exit.void))
  }

  /** Has what was given up forgotten by the plugins too: it leaks, knowingly. */
  readonly forgetAbandoned = (step: Step): Effect.Effect<void, CniError.CacheIoError, Cni | CniServices> =>
    Effect.gen({ self: this }, function*() {
      if (step.operation !== "abandon" || (yield* this.observe).get(nameOf(step)) !== abandoned) return
      for (const plugin of plugins) this.ledger.delete(`${plugin} ${nameOf(step)}`)
    })

  /** What there is of each attachment: its status, or in words what may not be. */
  readonly observe = Effect.gen({ self: this }, function*() {
    const listing = yield* (yield* AttachmentJournal).list()
    // Those of a GC are about no attachment.
    const entries = listing.entries.filter((entry) => !JournalEntry.isOfNetwork(entry))
    const records = yield* (yield* AttachmentCache).list()
    const keys = [...entries, ...records].map(text)
    const known = new Set([...keys, ...[...this.ledger].map((name) => name.split(" ").slice(1).join(" "))])
    const observed = [...known].map((name) =>
      Effect.map(
        this.#statusOf(name, entries.find((one) => text(one) === name), records.some((one) => text(one) === name)),
        (status) => [name, status] as const
      )
    )
    return new Map(yield* Effect.all(observed))
  })

  /** Whether a GC is written down that has not ended. */
  readonly isCollecting = Effect.map(
    Effect.flatMap(AttachmentJournal, (journal) => journal.list()),
    ({ entries }) => entries.some(JournalEntry.isOfNetwork)
  )

  #statusOf(name: string, entry: JournalEntry.JournalEntry | undefined, hasRecord: boolean) {
    const held = plugins.filter((plugin) => this.ledger.has(`${plugin} ${name}`)).length
    const broken = `${entry?.state ?? "no entry"}, ${hasRecord ? "a record" : "no record"}, ${held} allocations`
    return Effect.gen(function*() {
      if (entry === undefined) return hasRecord ? broken : abandoned
      if (entry.state !== "attached") return "left" satisfies Status
      // As an abandoning leaves it that was killed: whoever comes by forgets it.
      if (!hasRecord) return held === 0 ? "gone" satisfies Status : abandoned
      if (held < plugins.length) return broken
      if (!entry.scoped) return "up" satisfies Status
      return (yield* (yield* AttachmentLock).isAlive(entry.owner)) ? "scoped" satisfies Status : "left" satisfies Status
    })
  }
}

const abandoned = "allocations that nobody knows of"

const refusal = MemoryCni.fail({ code: 100, msg: "no" })

const text = ({ containerId, ifName, network }: AttachmentKey.AttachmentKey): string =>
  `${network} ${containerId} ${ifName}`

/** Whatever an operation waits for comes within the hours of the test's clock. */
export const inTime = Effect.fnUntraced(function*<A, E, R>(program: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(program, { startImmediately: true })
  for (let minutes = 0; fiber.pollUnsafe() === undefined; minutes++) {
    if (minutes > 600) return yield* Effect.die(new Error("it never ends"))
    yield* TestClock.adjust("1 minute")
    yield* Effect.yieldNow
  }
  return yield* Fiber.join(fiber)
})

/** The services of a runtime that can fail, hang, be interrupted and die at each of their steps. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import type { Owner } from "../../../domain/attachment/JournalEntry.ts"
import { CacheIoError, PluginSpawnFailed, PluginTimeout } from "../../../domain/errors/CniError.ts"
import { errorContext, outputInvalid } from "../../../domain/plugin/PluginReply.ts"
import type { PluginInvocation } from "../../../domain/plugin/PluginRequest.ts"
import { AttachmentCache } from "../../../services/attachment/AttachmentCache.ts"
import { AttachmentJournal } from "../../../services/attachment/AttachmentJournal.ts"
import { AttachmentLock, HeldLocks, type LockError } from "../../../services/attachment/AttachmentLock.ts"
import { PluginExec, type PluginExecError } from "../../../services/plugin/PluginExec.ts"
import { LockWaitLimit } from "../../../services/Tunables.ts"

/** The services that are wrapped. */
export type Wrapped = PluginExec | AttachmentCache | AttachmentJournal | AttachmentLock

/**
 * A moment in an operation: right before or after a service does something, and for a plugin also while it runs.
 *
 * - `index`: counts the steps of a runtime, from 0.
 * - `call`: what the service is asked for: `run bridge ADD`, `put`, `begin`, `note Succeeded`, `network shared`, …
 */
export interface Step {
  readonly index: number
  readonly service: "PluginExec" | "AttachmentCache" | "AttachmentJournal" | "AttachmentLock"
  readonly call: string
  readonly when: "before" | "during" | "after"
}

/** What happens at a step. */
export type Fault =
  | { readonly _tag: "Fail"; readonly reason: string }
  | { readonly _tag: "Hang" }
  | { readonly _tag: "Delay"; readonly duration: Duration.Input }
  | { readonly _tag: "Interrupt" }
  | { readonly _tag: "Crash" }

/** What is to happen at each step; nothing where it gives nothing. */
export type Plan = (step: Step) => Fault | undefined

/** One runtime: what is to happen to it, and what has. */
export interface Life {
  readonly plan: Plan
  readonly steps: Array<Step>
  readonly fibers: Set<Fiber.Fiber<unknown, unknown>>
  readonly died: Deferred.Deferred<void>
  /** Holds what a death lets go. */
  readonly scope: Scope.Closeable
  isDead: boolean
}

/** A runtime at its start. */
export const lifeOf = Effect.fnUntraced(function*(plan: Plan): Effect.fn.Return<Life> {
  return {
    plan,
    steps: [],
    fibers: new Set(),
    died: yield* Deferred.make<void>(),
    scope: yield* Scope.make(),
    isDead: false
  }
})

/** The services in the context, as this runtime has them. */
export const wrap = Effect.fnUntraced(
  function*(life: Life): Effect.fn.Return<Context.Context<Wrapped>, never, Wrapped> {
    return Context.make(PluginExec, pluginExec(yield* PluginExec, life)).pipe(
      Context.add(AttachmentCache, cache(yield* AttachmentCache, life)),
      Context.add(AttachmentJournal, journal(yield* AttachmentJournal, life)),
      Context.add(AttachmentLock, yield* lock(yield* AttachmentLock, life))
    )
  }
)

// The dead do nothing more: not even their finalizers.
const step = <E>(
  life: Life,
  service: Step["service"],
  call: string,
  when: Step["when"],
  failing: (reason: string) => E
): Effect.Effect<void, E> =>
  Effect.suspend((): Effect.Effect<void, E> => {
    if (life.isDead) return Effect.never
    const taken: Step = { index: life.steps.length, service, call, when }
    life.steps.push(taken)
    const fault = life.plan(taken)
    switch (fault?._tag) {
      case undefined:
        return Effect.void
      case "Fail":
        return Effect.fail(failing(fault.reason))
      case "Hang":
        return Effect.never
      case "Delay":
        return Effect.sleep(fault.duration)
      case "Interrupt":
        return Effect.withFiber((self) => {
          for (const fiber of life.fibers.size > 0 ? life.fibers : [self]) fiber.interruptUnsafe()
          return Effect.yieldNow
        })
      case "Crash":
        return Effect.andThen(die(life), Effect.never)
    }
  })

const die = (life: Life) =>
  Effect.suspend(() => {
    life.isDead = true
    return Effect.andThen(Scope.close(life.scope, Exit.void), Deferred.succeed(life.died, undefined))
  })

/** A call with its steps before and after. */
const around = <A, E, E2, R>(
  life: Life,
  service: Step["service"],
  call: string,
  failing: (reason: string) => E2,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | E2, R> =>
  step(life, service, call, "before", failing).pipe(
    Effect.andThen(effect),
    Effect.tap(() => step(life, service, call, "after", failing))
  )

const ioError = (operation: CacheIoError["operation"], path: string) => (reason: string) =>
  new CacheIoError({ operation, path, reason, detail: "injected" })

// What fails after it was started has run, and is told so.
const refusal = (invocation: PluginInvocation, when: Step["when"]) => (detail: string): PluginExecError => {
  const context = errorContext(invocation)
  switch (when) {
    case "before":
      return new PluginSpawnFailed({ ...context, reason: "Other", detail })
    case "during":
      return new PluginTimeout({ ...context, limitMs: invocation.timeLimitMs, endedBy: "SIGTERM", stderr: detail })
    case "after":
      return outputInvalid(invocation, { stdout: new Uint8Array(), stderr: "" }, { at: "", reason: detail })
  }
}

const pluginExec = (inner: PluginExec["Service"], life: Life) =>
  PluginExec.of({
    ...inner,
    run: Effect.fnUntraced(function*(invocation, started) {
      const call = `run ${invocation.plugin} ${invocation.command}`
      const at = (when: Step["when"]) => step(life, "PluginExec", call, when, refusal(invocation, when))
      yield* at("before")
      // A plugin does not die with its runtime.
      const running = yield* Effect.forkDetach(inner.run(invocation, started), { startImmediately: true })
      const outcome = yield* Effect.andThen(at("during"), Fiber.join(running)).pipe(
        Effect.onExit((exit) => Exit.isSuccess(exit) || life.isDead ? Effect.void : Fiber.interrupt(running))
      )
      yield* at("after")
      return outcome
    })
  })

const cache = (inner: AttachmentCache["Service"], life: Life) => {
  const at = <A, E>(operation: CacheIoError["operation"], call: string, effect: Effect.Effect<A, E>) =>
    around(life, "AttachmentCache", call, ioError(operation, "cache"), effect)
  return AttachmentCache.of({
    ...inner,
    get: (key) => at("read", "get", inner.get(key)),
    put: (record) => at("write", "put", inner.put(record)),
    remove: (key) => at("remove", "remove", inner.remove(key)),
    list: (containerId) => at("list", "list", inner.list(containerId)),
    files: at("list", "files", inner.files),
    sweep: at("remove", "sweep", inner.sweep)
  })
}

const journal = (inner: AttachmentJournal["Service"], life: Life) => {
  const at = <A, E>(operation: CacheIoError["operation"], call: string, effect: Effect.Effect<A, E>) =>
    around(life, "AttachmentJournal", call, ioError(operation, "journal"), effect)
  return AttachmentJournal.of({
    ...inner,
    get: (key) => at("read", "get", inner.get(key)),
    begin: (entry) => at("write", "begin", inner.begin(entry)),
    note: (key, event) => at("write", `note ${event._tag}`, inner.note(key, event)),
    remove: (key) => at("remove", "remove", inner.remove(key)),
    list: (containerId) => at("list", "list", inner.list(containerId)),
    audit: (line) => at("write", "audit", inner.audit(line)),
    sweep: at("remove", "sweep", inner.sweep)
  })
}

const lock = Effect.fnUntraced(function*(inner: AttachmentLock["Service"], life: Life) {
  const at = <A, E, R>(call: string, effect: Effect.Effect<A, E, R>) =>
    around(life, "AttachmentLock", call, ioError("lock", "locks"), effect)
  // Held by the operation, and by the runtime: whichever ends first lets it go.
  const held = (taking: Effect.Effect<void, LockError, Scope.Scope>): Effect.Effect<void, LockError, Scope.Scope> =>
    Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
      const scope = yield* Scope.fork(life.scope)
      yield* Effect.addFinalizer((exit) => life.isDead ? Effect.void : Scope.close(scope, exit))
      yield* restore(Effect.provideService(taking, Scope.Scope, scope))
    }))
  const lease = `lease ${yield* Random.nextInt}`
  yield* Effect.provideService(inner.network(lease, "exclusive"), Scope.Scope, life.scope).pipe(Effect.orDie)
  const owner: Owner = { ...(yield* Effect.orDie(inner.owner)), lease }
  const isRuntime = (other: Owner) => other.lease.startsWith("lease ") && other.boot === owner.boot
  const isHeld = (name: string) =>
    Effect.scoped(inner.network(name, "exclusive")).pipe(
      Effect.provideService(LockWaitLimit, 0),
      Effect.provideService(HeldLocks, []),
      Effect.as(false),
      Effect.catchTag("LockTimeout", () => Effect.succeed(true))
    )
  return AttachmentLock.of({
    ...inner,
    network: (network, mode) => at(`network ${mode}`, held(inner.network(network, mode))),
    container: (containerId) => at("container", held(inner.container(containerId))),
    owner: at("owner", Effect.succeed(owner)),
    isAlive: (other) => at("isAlive", isRuntime(other) ? isHeld(other.lease) : inner.isAlive(other)),
    sweep: at("sweep", inner.sweep)
  })
})

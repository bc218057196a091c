/** The services of a runtime that can fail, hang, be slow, be interrupted and die at each of their steps. */
import * as Context from "effect/Context"
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
import { around, type Life, type Step, step } from "./faultySteps.ts"

/** The services that are wrapped. */
export type Wrapped = PluginExec | AttachmentCache | AttachmentJournal | AttachmentLock

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

/** The services of a driver that dies at a chosen step. */
import {
  AttachmentCache,
  AttachmentJournal,
  type AttachmentKey,
  Cni,
  type CniError,
  type CniServices,
  JournalEntry,
  PluginExec
} from "effect-cni"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import { around, at, beginAdd, endAdd, type Mortal, phaseOf } from "./mortal.ts"

/** Services that call `reach` around what they write and run. */
export const layer = (
  self: Mortal,
  services: Layer.Layer<CniServices>
): Layer.Layer<Cni | CniServices> =>
  Cni.layer.pipe(Layer.provideMerge(Layer.merge(written(self), executed(self))), Layer.provideMerge(services))

const written = (self: Mortal) =>
  Layer.effectContext(Effect.gen(function*() {
    const cache = yield* AttachmentCache
    const journal = yield* AttachmentJournal
    const removing = <E>(what: string, remove: (key: AttachmentKey.AttachmentKey) => Effect.Effect<void, E>) =>
      Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey) {
        yield* at(self, yield* phaseOf(key, false), `${what} remove`, remove(key))
      })
    const removeEntry = removing("journal", journal.remove)
    return Context.make(
      AttachmentCache,
      AttachmentCache.of({
        ...cache,
        put: (record) => at(self, "add", "cache put", cache.put(record)),
        remove: removing("cache", cache.remove)
      })
    ).pipe(Context.add(
      AttachmentJournal,
      AttachmentJournal.of({
        ...journal,
        begin: Effect.fnUntraced(function*(entry) {
          const isAdd = entry.state === "adding"
          if (isAdd) beginAdd(entry)
          return yield* at(self, yield* phaseOf(entry, isAdd), "journal begin", journal.begin(entry))
        }),
        note: noting(self, journal),
        remove: (key) => Effect.tap(removeEntry(key), () => Effect.sync(() => endAdd(key)))
      })
    ))
  }))

const noting = (self: Mortal, journal: AttachmentJournal["Service"]) =>
  Effect.fnUntraced(function*(
    key: AttachmentKey.AttachmentKey,
    event: JournalEntry.JournalEvent
  ): Effect.fn.Return<void, CniError.CacheIoError> {
    const phase = yield* phaseOf(key, isOfAdd(event))
    const what = `note ${event._tag === "Became" ? event.state : event._tag}`
    if (self.isDue(`${phase}: torn ${what}`)) {
      const text = JournalEntry.encodeEvent(event)
      Fs.appendFileSync(journal.pathOf(key), text.slice(0, text.length / 2))
      self.die()
    }
    yield* at(self, phase, what, journal.note(key, event))
    if (event._tag === "Became") endAdd(key)
  })

const isOfAdd = (event: JournalEntry.JournalEvent): boolean => {
  switch (event._tag) {
    case "Started":
      return event.command === "ADD"
    case "Succeeded":
      return true
    case "Became":
      return event.state === "attached"
  }
}

const executed = (self: Mortal) =>
  Layer.effect(
    PluginExec,
    Effect.map(PluginExec, (exec) =>
      PluginExec.of({
        ...exec,
        run: Effect.fnUntraced(function*(invocation, started) {
          const { command } = invocation
          const phase = command === "GC" ? "gc" : yield* phaseOf(invocation, command === "ADD")
          const run = exec.run(invocation, (process) => {
            if (self.isDue(`${phase}: inside ${command}`)) setTimeout(self.die, self.afterMs)
            return started?.(process) ?? Effect.void
          })
          return yield* around(self, phase, command, run)
        })
      }))
  )

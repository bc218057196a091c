/** Services whose every step is a span, and a tracer that keeps them. */
import { AttachmentJournal, AttachmentLock, Cni, PluginDiscovery } from "effect-cni"
import type { NodeCni } from "effect-cni/node"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"

/** A tracer, and what it has seen. */
export const recorder = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, tracer }
}

/** The services, with spans also for locks, the journal and the search for plugins. */
export const traced = <E>(
  tracer: Tracer.Tracer,
  services: Layer.Layer<NodeCni.Services, E>
): Layer.Layer<NodeCni.Services, E> =>
  Cni.layer.pipe(
    Layer.provideMerge(withSpans),
    Layer.provideMerge(services),
    Layer.provideMerge(Layer.succeed(Tracer.Tracer, tracer))
  )

const withSpans = Layer.effectContext(Effect.gen(function*() {
  const lock = yield* AttachmentLock
  const journal = yield* AttachmentJournal
  const discovery = yield* PluginDiscovery
  return Context.make(
    AttachmentLock,
    AttachmentLock.of({
      ...lock,
      network: (network, mode) => Effect.withSpan(lock.network(network, mode), "lock the network"),
      container: (containerId) => Effect.withSpan(lock.container(containerId), "lock the container")
    })
  ).pipe(
    Context.add(
      AttachmentJournal,
      AttachmentJournal.of({
        ...journal,
        get: (key) => Effect.withSpan(journal.get(key), "journal: get"),
        list: (containerId) => Effect.withSpan(journal.list(containerId), "journal: list"),
        begin: (entry) => Effect.withSpan(journal.begin(entry), "journal: begin"),
        note: (key, event) => Effect.withSpan(journal.note(key, event), `journal: note ${event._tag}`),
        remove: (key) => Effect.withSpan(journal.remove(key), "journal: remove")
      })
    ),
    Context.add(
      PluginDiscovery,
      PluginDiscovery.of({
        ...discovery,
        find: (type) => Effect.withSpan(discovery.find(type), `find ${type}`)
      })
    )
  )
}))

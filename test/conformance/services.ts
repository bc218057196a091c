/** The library as a caller would set it up for a scenario: with real processes, or with scripted plugins in memory. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { Duration, Effect, Layer, References } from "effect"
import { Cni, type CniError, Tunables } from "effect-cni"
import {
  CachedPluginVersions,
  FileSystemAttachmentCache,
  FileSystemNetworkConfigs,
  FileSystemPluginDiscovery,
  NodeAttachmentJournal,
  NodeAttachmentLock,
  NodeNetworkNamespaces,
  NodeOrphanPlugins,
  NodePluginExec,
  SpecVersionComparison
} from "effect-cni/node"
import { PluginInvocations, ScriptedPluginExec } from "effect-cni/testing"
import type { Services } from "./calls/call.ts"
import type { Places } from "./fixture.ts"
import type { Fixture, Reply } from "./vector.ts"

/** How plugins are run. */
export type Mode = "memory" | "process"

/** Everything that calls need, and what scripted plugins in memory were asked (nothing for processes). */
export const services = (
  mode: Mode,
  { plugins }: Fixture,
  { bin, cache, netconf }: Places
): Layer.Layer<Services | PluginInvocations> =>
  Layer.provideMerge(
    Cni.layer,
    Layer.mergeAll(
      Layer.provideMerge(
        CachedPluginVersions.layer,
        Layer.mergeAll(
          mode === "memory" ? ScriptedPluginExec.layer(scripts(plugins)) : processes,
          FileSystemPluginDiscovery.layer([bin])
        )
      ),
      FileSystemAttachmentCache.layer(cache),
      NodeAttachmentJournal.layer(cache),
      NodeAttachmentLock.layer(cache),
      NodeNetworkNamespaces.layer,
      FileSystemNetworkConfigs.layer(netconf),
      SpecVersionComparison.layer
    )
  ).pipe(Layer.provideMerge(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)))

const processes = Layer.mergeAll(
  NodePluginExec.layer,
  NodeOrphanPlugins.layer,
  Layer.succeed(PluginInvocations, { all: Effect.succeed([]) })
)

/** Sets the public references for a comparison with libcni; `timeoutMs` is the deadline of a call. */
export const asLibcni = (timeoutMs: number | undefined) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    Effect.provideService(Tunables.Compat, "libcni"),
    Effect.provideService(Tunables.GcConcurrency, 1),
    Effect.provideService(Tunables.VersionCache, "off"),
    Effect.provideService(Tunables.PluginStderr, "nowhere"),
    Effect.provideService(Tunables.KillGrace, "100 millis"),
    timeoutMs === undefined
      ? (untimed) => untimed
      : Effect.provideService(Tunables.PluginTimeLimit, () => Duration.millis(timeoutMs)),
    Effect.provideService(References.MinimumLogLevel, "None")
  )

const commands: ReadonlyArray<CniError.Command> = ["ADD", "CHECK", "DEL", "GC", "STATUS", "VERSION"]

const scripts = (plugins: Fixture["plugins"]): Readonly<Record<string, ScriptedPluginExec.PluginScript>> =>
  Object.fromEntries(
    Object.entries(plugins).map(([type, replies]) => [
      type,
      Object.fromEntries(commands.map((command) => [command, script(replies[command] ?? replies["*"] ?? [])]))
    ])
  )

const script = ([first, ...others]: ReadonlyArray<Reply>) =>
  [first === undefined ? silent : scripted(first), ...others.map(scripted)] as const

const silent = new ScriptedPluginExec.Reply({})

const scripted = ({ exit, signal, sleepMs = 0, stderr, stdout }: Reply) =>
  new ScriptedPluginExec.Reply({
    stdout,
    stderr,
    delay: sleepMs,
    exit: signal === undefined ? { _tag: "Exited", status: exit } : { _tag: "Signalled", signal }
  })

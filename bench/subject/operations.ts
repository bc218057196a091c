/** The requests of the benchmarks' protocol, by the operations of the built library. */
import { Cni, NetworkConfigList, type RuntimeConf, Tunables, type VerbErrors } from "effect-cni"
import { NodeCni, NodePluginExec, PosixSpawnPluginExec } from "effect-cni/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Fs from "node:fs"
import type { Container, Request, Setup } from "../protocol.ts"

interface Done {
  readonly each?: ReadonlyArray<number>
  readonly found?: number
}

/** What runs a request. */
export const operations = Effect.fnUntraced(function*<E>(
  setup: Setup,
  services: Layer.Layer<NodeCni.Services, E>
) {
  const runtime = ManagedRuntime.make(services)
  const network = yield* NetworkConfigList.fromText(Fs.readFileSync(setup.conflist, "utf8"))
  return (request: Request): Promise<Done> => runtime.runPromise(operation(network, request))
})

const execs = {
  posix_spawn: PosixSpawnPluginExec.layer,
  spawn: NodePluginExec.layer
}

/** The built library's own. */
export const servicesOf = ({ cacheDir, compat, durability, exec, pluginPath }: Setup) =>
  Layer.mergeAll(
    NodeCni.layer({
      pluginPaths: [pluginPath],
      cacheDir,
      exec: execs[exec]
    }),
    Layer.succeed(Tunables.Compat, compat),
    Layer.succeed(Tunables.Durability, durability)
  )

const operation = Effect.fnUntraced(function*(
  network: NetworkConfigList.NetworkConfigList,
  request: Request
) {
  switch (request.op) {
    case "chains": {
      const { atATime, containers, verbs } = request
      const each = yield* Effect.forEach(containers, (container) => timed(chain(network, verbs, container)), {
        concurrency: atATime
      })
      return { each, found: each.length }
    }
    case "gc":
      yield* Cni.gcNetworkList(network, { keep: [] })
      return {}
    case "list": {
      const { containerId } = request
      const found = yield* Cni.getCachedAttachments(containerId === "" ? {} : { containerId })
      return { found: found.length }
    }
    case "state":
      return {}
  }
})

type Verb = Extract<Request, { readonly op: "chains" }>["verbs"][number]

const chain = (
  network: NetworkConfigList.NetworkConfigList,
  verbs: ReadonlyArray<Verb>,
  container: Container
) =>
  Effect.forEach(
    verbs,
    (verb) => run(verb, network, confOf(container)),
    { discard: true }
  )

type VerbError = VerbErrors.AddNetworkListError | VerbErrors.CheckNetworkListError | VerbErrors.DelNetworkListError

const run = (
  verb: Verb,
  network: NetworkConfigList.NetworkConfigList,
  conf: RuntimeConf.RuntimeConf
): Effect.Effect<void, VerbError, NodeCni.Services> => {
  switch (verb) {
    case "ADD":
      return Effect.asVoid(Cni.addNetworkList(network, conf))
    case "CHECK":
      return Cni.checkNetworkList(network, conf)
    case "DEL":
      return Cni.delNetworkList(network, conf)
  }
}

const confOf = ({ hostPort, id, netns }: Container): RuntimeConf.RuntimeConf => {
  const conf = { containerId: id, netns, ifName: "eth0" }
  const portMappings = [{ hostPort, containerPort: 80, protocol: "tcp" }]
  return hostPort > 0 ? { ...conf, capabilityArgs: { portMappings } } : conf
}

const timed = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const startedAt = performance.now()
    return Effect.map(self, () => performance.now() - startedAt)
  })

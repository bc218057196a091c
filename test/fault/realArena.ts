/** Drivers with the reference plugins in namespaces of their own: what they leave is looked for in the kernel. */
import { AttachmentKey, CniResult, JournalEntry } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import {
  bridgePlugin,
  canReach,
  configuration,
  type Container,
  type Network,
  scratchContainer,
  scratchNetwork,
  traces
} from "../integration/support.ts"
import { writePlugin } from "../support/directory.ts"
import type { Arena, Findings } from "./arena.ts"
import type { Fate } from "./chronicle.ts"
import { pluginsGone } from "./leftovers.ts"
import { seams } from "./seams.ts"
import type { Stored } from "./stored.ts"

/** Where these drivers can be made to die: the plugins refuse no DEL, and their version has no GC. */
export const realSeams: ReadonlyArray<string> = seams.filter((seam) => !/failed|GC|gc: \w+ journal begin/.test(seam))

/** A new arena; everything goes with the scope. */
export const realArena: Effect.Effect<Arena, never, Scope.Scope> = Effect.gen(function*() {
  const network = yield* scratchNetwork
  const firstPort = Crypto.randomInt(20_000, 60_000)
  const containers = yield* Effect.all(Array.from({ length: 4 }, () => scratchContainer(network)))
  writePlugin(
    network.ownPlugins,
    "failing",
    `[ "$CNI_COMMAND" = ADD ] || exit 0
     echo '{"cniVersion":"1.0.0","code":100,"msg":"as it was told"}'
     exit 1`
  )
  const chain = [
    bridgePlugin(network),
    { type: "portmap", snat: true, capabilities: { portMappings: true } },
    { type: "firewall" }
  ]
  const real = {
    config: configuration(network, chain),
    failing: configuration(network, [...chain, { type: "failing" }])
  }
  yield* Effect.addFinalizer(() => pluginsGone(network.pluginPaths))
  return {
    plan: {
      directory: network.directory,
      cacheDir: network.cacheDir,
      pluginPaths: network.pluginPaths,
      networks: [{ name: network.name, real }],
      containers: containers.map(({ conf: { containerId, netns } }, index) => ({
        containerId,
        netns,
        ifNames: ["eth0"],
        capabilityArgs: { portMappings: [{ hostPort: firstPort + index, containerPort: 80, protocol: "tcp" }] }
      })),
      // A DEL of theirs that is ended half-way leaves rules that no second DEL finds.
      interrupting: 0
    },
    layer: network.layer,
    prepare: () => {},
    inspect: (fates, stored) => inspectHost(network, containers, fates, stored)
  }
})

const inspectHost = (
  network: Network,
  containers: ReadonlyArray<Container>,
  fates: ReadonlyMap<string, Fate>,
  stored: Stored
): Findings => {
  const found = containers.map((container) => inspectContainer(network, container, fates, stored))
  const up = found.flatMap((one) => one.up === undefined ? [] : [one.up])
  const all = traces(network, ...containers)
  const unexplained = (what: string, there: ReadonlyArray<string>, marks: ReadonlyArray<string>) =>
    there.filter((one) => !marks.some((mark) => one.includes(mark))).map((one) => `${what} of nobody: ${one}`)
  return {
    live: up.map(({ key }) => key),
    problems: [
      ...found.flatMap(({ problems }) => problems),
      ...unexplained("interface", all.hostLinks, up.flatMap(({ links }) => links)),
      ...unexplained("reservation", all.reservations, up.map(({ address }) => address)),
      ...unexplained("rule", all.rules, up.flatMap(({ marks }) => marks))
    ]
  }
}

interface Up {
  readonly key: AttachmentKey.AttachmentKey
  readonly address: string
  readonly links: ReadonlyArray<string>
  /** What is in the rules of this container, and in no others. */
  readonly marks: ReadonlyArray<string>
}

const inspectContainer = (
  network: Network,
  container: Container,
  fates: ReadonlyMap<string, Fate>,
  { entries, records }: Stored
): { readonly up: Up | undefined; readonly problems: ReadonlyArray<string> } => {
  const key = { network: network.name, containerId: container.namespace, ifName: "eth0" }
  const name = AttachmentKey.fileName(key)
  const fate = fates.get(name) ?? "gone"
  const entry = entries.get(name)
  const record = records.get(name)
  const { containerLinks } = traces(network, container)
  const isStored = record !== undefined && entry !== undefined && !entry.scoped &&
    JournalEntry.standing(entry, record) === "attached"
  if (!isStored) {
    const isGone = record === undefined && entry === undefined && containerLinks.length === 0
    const what = `${name} should be ${fate}: ${containerLinks.join(", ") || "no interface"}; record: ` +
      `${JSON.stringify(record?.result)}; entry: ${JSON.stringify(entry)}`
    return { up: undefined, problems: isGone && fate !== "live" ? [] : [what] }
  }
  const result = Result.getOrThrow(CniResult.fromJson(record.result, ""))
  const address = result.ips[0]?.address.replace(/\/\d+$/, "") ?? ""
  // The reference plugins name a container's chains by the beginning of this hash.
  const hash = Crypto.createHash("sha512").update(network.name + container.namespace).digest("hex").slice(0, 21)
  const up = {
    key,
    address,
    links: result.interfaces.map((one) => one.name),
    marks: [container.namespace, hash, `${address}/32`, `${address}:`]
  }
  const reservation = Path.join(network.dataDir, network.name, address)
  const problems = [
    ...(fate === "gone" ? [`${name} should be gone, but is attached`] : []),
    ...(containerLinks.join() === "eth0" ? [] : [`${name} has ${containerLinks.join(", ") || "no interface"}`]),
    ...(ownerOf(reservation) === container.namespace ? [] : [`${address} of ${name} is not reserved`]),
    ...(canReach(container, network.gateway) ? [] : [`${name} cannot reach its gateway`])
  ]
  return { up, problems }
}

const ownerOf = (reservation: string): string | undefined =>
  Fs.existsSync(reservation) ? Fs.readFileSync(reservation, "utf8").split(/\r?\n/)[0] : undefined

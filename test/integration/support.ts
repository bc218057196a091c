/**
 * A real host to test on: what that takes, networks and containers that leave nothing behind, and a look at what is
 * there. What the plugins leave on every host stays: empty chains that all networks share (CNI-FORWARD, CNI-ADMIN,
 * CNI-HOSTPORT-*), and net.ipv4.ip_forward.
 */
import { assert } from "@effect/vitest"
import type { Json, RuntimeConf } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { temporaryDirectory } from "../support/directory.ts"

/** Runs a command; gives what it wrote, and throws with its complaint when it fails. */
export const run = (command: string, ...args: ReadonlyArray<string>): string =>
  ChildProcess.execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })

/** Whether a command succeeds. */
export const succeeds = (command: string, ...args: ReadonlyArray<string>): boolean =>
  ChildProcess.spawnSync(command, args, { stdio: "ignore" }).status === 0

/** A name that nothing else on this host has, short enough for an interface. */
export const unique = (kind: string): string => `ec-${kind}-${Crypto.randomBytes(4).toString("hex")}`

const isExecutable = (file: string): boolean => {
  try {
    Fs.accessSync(file, Fs.constants.X_OK)
    return true
  } catch {
    return false
  }
}

const directoriesOf = (variable: string): ReadonlyArray<string> =>
  (process.env[variable] ?? "").split(Path.delimiter).filter((directory) => directory !== "")

/** Whether the shell would find a command. */
export const hasCommand = (command: string): boolean =>
  directoriesOf("PATH").some((directory) => isExecutable(Path.join(directory, command)))

const pluginTypes = ["bridge", "host-local", "portmap", "firewall", "tuning"]
const searched = [...directoriesOf("CNI_PATH"), "/opt/cni/bin", "/usr/lib/cni"]

/** Where the reference plugins are; if nowhere, `missingForRealPlugins` says so. */
export const referencePlugins =
  searched.find((directory) => pluginTypes.every((type) => isExecutable(Path.join(directory, type)))) ?? "/opt/cni/bin"

const canMakeNamespaces = (): boolean => {
  const name = unique("try")
  return succeeds("ip", "netns", "add", name) && succeeds("ip", "netns", "del", name)
}

const without = (isThere: boolean, what: string): ReadonlyArray<string> => isThere ? [] : [what]

const missingHere: ReadonlyArray<string> = [
  ...without(process.geteuid?.() === 0, "root"),
  ...without(
    pluginTypes.every((type) => isExecutable(Path.join(referencePlugins, type))),
    `the plugins ${pluginTypes.join(", ")} in one of ${searched.join(", ")}`
  ),
  ...["ip", "ping", "iptables", "iptables-save", "iptables-restore"].flatMap((command) =>
    without(hasCommand(command), `the command ${command}`)
  )
]

/** What this host lacks to run the reference plugins for real. */
export const missingForRealPlugins: ReadonlyArray<string> = missingHere.length > 0
  ? missingHere
  : without(canMakeNamespaces(), "the right to make network namespaces")

/** For a test of its own beside those that are skipped where something is missing: it says what that is. */
export const mention = (missing: ReadonlyArray<string>, skip: (note: string) => void) => {
  if (missing.length > 0) skip(`this takes ${missing.join("; ")}`)
}

/** A network of a test's own: names, addresses and directories that nothing else uses, and the services to run it. */
export interface Network {
  readonly name: string
  readonly bridge: string
  readonly subnet: string
  readonly gateway: string
  readonly directory: string
  /** Where a test puts plugins of its own; searched before the reference plugins. */
  readonly ownPlugins: string
  readonly pluginPaths: ReadonlyArray<string>
  readonly cacheDir: string
  readonly dataDir: string
  readonly layer: Layer.Layer<NodeCni.Services>
}

/** A new network; its bridge, which the plugin makes, goes with the scope. */
export const scratchNetwork: Effect.Effect<Network, never, Scope.Scope> = Effect.gen(function*() {
  const directory = yield* temporaryDirectory
  const prefix = yield* scratchPrefix
  return yield* Effect.acquireRelease(
    Effect.sync(() => networkIn(directory, prefix)),
    ({ bridge }) =>
      Effect.sync(() => {
        if (Fs.existsSync(`/sys/class/net/${bridge}`)) run("ip", "link", "del", bridge)
      })
  )
})

/** A test on a network of its own. */
export const onScratchNetwork = <A, E>(
  test: (network: Network) => Effect.Effect<A, E, NodeCni.Services | Scope.Scope>
) =>
() => Effect.flatMap(scratchNetwork, (network) => Effect.provide(test(network), network.layer))

const networkIn = (directory: string, prefix: string): Network => {
  const ownPlugins = Path.join(directory, "plugins")
  const pluginPaths = [ownPlugins, referencePlugins]
  const cacheDir = Path.join(directory, "cache")
  return {
    name: unique("net"),
    bridge: unique("br"),
    subnet: `${prefix}.0/24`,
    gateway: `${prefix}.1`,
    directory,
    ownPlugins,
    pluginPaths,
    cacheDir,
    dataDir: Path.join(directory, "host-local"),
    layer: NodeCni.layer({ pluginPaths, cacheDir })
  }
}

/** The beginning of addresses that nobody uses; of several runs of these tests, the one that makes the file has them. */
const scratchPrefix: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const taken = run("ip", "-4", "route", "show", "table", "all")
    const first = Crypto.randomInt(256)
    const prefix = Array.from({ length: 256 }, (_, index) => `10.200.${(first + index) % 256}`).find((prefix) =>
      !taken.includes(`${prefix}.`) && isMade(reservationOf(prefix))
    )
    assert(prefix !== undefined, "no subnet of 10.200.0.0/16 is free")
    return prefix
  }),
  (prefix) => Effect.sync(() => Fs.rmSync(reservationOf(prefix)))
)

const reservationOf = (prefix: string): string => Path.join(Os.tmpdir(), `effect-cni-${prefix}`)

const isMade = (file: string): boolean => {
  try {
    Fs.writeFileSync(file, "", { flag: "wx" })
    return true
  } catch {
    return false
  }
}

/** The reference plugin `bridge` for a network, with addresses from `host-local`. */
export const bridgePlugin = ({ bridge, dataDir, gateway, subnet }: Network): Json.JsonObject => ({
  type: "bridge",
  bridge,
  isGateway: true,
  ipMasq: true,
  ipam: { type: "host-local", dataDir, ranges: [[{ subnet, gateway }]], routes: [{ dst: "0.0.0.0/0" }] }
})

/** The text of a network's configuration. */
export const configuration = ({ name }: Network, plugins: ReadonlyArray<Json.JsonObject>): string =>
  JSON.stringify({ cniVersion: "1.0.0", name, plugins })

/** A container: a network namespace, and how it wants to be attached. */
export interface Container {
  readonly namespace: string
  readonly conf: RuntimeConf.RuntimeConf & { readonly netns: string }
}

/** A new container for a network; its namespace, and packet filter rules that a failed test left, go with the scope. */
export const scratchContainer = (
  network: Network,
  capabilityArgs: Json.JsonObject = {}
): Effect.Effect<Container, never, Scope.Scope> => {
  const namespace = unique("ct")
  const conf = { containerId: namespace, netns: `/run/netns/${namespace}`, ifName: "eth0", capabilityArgs }
  const container = { namespace, conf }
  return Effect.addFinalizer(() => Effect.sync(() => removeRules(rulesOf(network, [container])))).pipe(
    Effect.andThen(Effect.acquireRelease(
      Effect.sync(() => run("ip", "netns", "add", namespace)),
      () => Effect.sync(() => run("ip", "netns", "del", namespace))
    )),
    Effect.as(container)
  )
}

/** Runs a command inside a container. */
export const runInside = ({ namespace }: Container, ...command: ReadonlyArray<string>): string =>
  run("ip", "netns", "exec", namespace, ...command)

/** Whether an address answers a ping from inside a container. */
export const canReach = ({ namespace }: Container, address: string): boolean =>
  succeeds("ip", "netns", "exec", namespace, "ping", "-c", "1", "-W", "5", address)

/** The IPv4 addresses of a container's interface, as the kernel has them. */
export const addressesOf = ({ namespace }: Container): ReadonlyArray<string> =>
  linksIn("-n", namespace, "-4", "addr", "show", "dev", "eth0").flatMap(({ addr_info }) =>
    (addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`)
  )

const linksIn = (...args: ReadonlyArray<string>) => readLinks(run("ip", "-j", ...args))

const readLinks = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.Struct({
  ifname: Schema.String,
  master: Schema.optionalKey(Schema.String),
  addr_info: Schema.optionalKey(Schema.Array(Schema.Struct({ local: Schema.String, prefixlen: Schema.Int })))
}))))

/** Everything on the host that attachments to a network leave while they last. */
export interface Traces {
  readonly hostLinks: ReadonlyArray<string>
  readonly containerLinks: ReadonlyArray<string>
  readonly rules: ReadonlyArray<string>
  readonly reservations: ReadonlyArray<string>
  readonly records: ReadonlyArray<string>
}

/** What there is of a network and its containers at the moment; the bridge itself belongs to all of them and stays. */
export const traces = (network: Network, ...containers: ReadonlyArray<Container>): Traces => ({
  hostLinks: linksIn("link").filter(({ master }) => master === network.bridge).map(({ ifname }) => ifname),
  containerLinks: containers.flatMap(({ namespace }) =>
    linksIn("-n", namespace, "link").filter(({ ifname }) => ifname !== "lo").map(({ ifname }) => ifname)
  ),
  rules: rulesOf(network, containers).map(({ rule, table }) => `${table} ${rule}`),
  reservations: namesIn(Path.join(network.dataDir, network.name)).filter((name) => /^\d+\./.test(name)),
  records: namesIn(Path.join(network.cacheDir, "results"))
})

/** The traces of what is not attached. */
export const noTraces: Traces = { hostLinks: [], containerLinks: [], rules: [], reservations: [], records: [] }

const namesIn = (directory: string): ReadonlyArray<string> => Fs.existsSync(directory) ? Fs.readdirSync(directory) : []

interface Rule {
  readonly table: string
  readonly rule: string
}

/** The rules and chains that speak of a network, its addresses, or one of its containers. */
const rulesOf = (network: Network, containers: ReadonlyArray<Container>): ReadonlyArray<Rule> => {
  // The reference plugins name a container's chains by the beginning of this hash.
  const chains = containers.map(({ namespace }) =>
    Crypto.createHash("sha512").update(network.name + namespace).digest("hex").slice(0, 21)
  )
  const marks = [network.name, network.gateway.replace(/\d+$/, ""), ...chains]
  return run("iptables-save").split(/^\*/m).flatMap((section) => {
    const [table = "", ...rules] = section.split("\n")
    return rules.filter((rule) => marks.some((mark) => rule.includes(mark))).map((rule) => ({ table, rule }))
  })
}

const removeRules = (rules: ReadonlyArray<Rule>) => {
  for (const table of new Set(rules.map(({ table }) => table))) {
    const own = rules.filter((rule) => rule.table === table).map(({ rule }) => rule)
    const lines = [
      `*${table}`,
      ...own.filter((rule) => rule.startsWith("-A ")).map((rule) => rule.replace("-A ", "-D ")),
      ...own.filter((rule) => rule.startsWith(":")).map((rule) => `-X ${rule.slice(1, rule.indexOf(" "))}`),
      "COMMIT\n"
    ]
    ChildProcess.execFileSync("iptables-restore", ["--noflush"], {
      input: lines.join("\n"),
      stdio: ["pipe", "ignore", "pipe"]
    })
  }
}

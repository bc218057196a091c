/** The operations on a real host: bridge, portmap, firewall and tuning in one chain, as container engines run them. */
import { assert, describe, it } from "@effect/vitest"
import { Cni, type Json, NetworkConfigList } from "effect-cni"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import { contentOf, isAlive, until, writePlugin } from "../support/directory.ts"
import {
  addressesOf,
  bridgePlugin,
  canReach,
  configuration,
  type Container,
  mention,
  missingForRealPlugins,
  type Network,
  noTraces,
  onScratchNetwork,
  run,
  runInside,
  scratchContainer,
  traces
} from "./support.ts"

const chain = (network: Network, ...more: ReadonlyArray<Json.JsonObject>) =>
  NetworkConfigList.fromText(configuration(network, [
    bridgePlugin(network),
    { type: "portmap", snat: true, capabilities: { portMappings: true } },
    { type: "firewall" },
    // Not IFNAME, which CHECK of tuning 1.1.1 does not replace by the interface's name.
    { type: "tuning", sysctl: { "net.ipv4.conf.eth0.log_martians": "1" } },
    ...more
  ]))

it("has the reference plugins and may use them", ({ skip }) => mention(missingForRealPlugins, skip))

describe.skipIf(missingForRealPlugins.length > 0)("a chain of reference plugins", () => {
  it.live(
    "gives a container the address that the result says, and a gateway that answers",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        const result = yield* Cni.addNetworkList(list, container.conf)
        assert.deepStrictEqual(addressesOf(container), result.ips.map(({ address }) => address))
        assert.strictEqual(addressesOf(container).length, 1)
        assert.isTrue(canReach(container, network.gateway))
        assert.strictEqual(runInside(container, "cat", "/proc/sys/net/ipv4/conf/eth0/log_martians").trim(), "1")
      })
    )
  )

  it.live(
    "keeps a record, reservation, interface and rules until DEL, and nothing after it",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        assert.deepStrictEqual(traces(network, container), noTraces)
        const result = yield* Cni.addNetworkList(list, container.conf)
        const attached = traces(network, container)
        assert.deepStrictEqual(attached.containerLinks, ["eth0"])
        assert.deepStrictEqual(attached.hostLinks, result.interfaces.slice(1, 2).map(({ name }) => name))
        assert.deepStrictEqual(attached.reservations, result.ips.map(({ address }) => address.replace("/24", "")))
        assert.deepStrictEqual(attached.records, [`${network.name}-${container.namespace}-eth0`])
        assert.isAbove(attached.rules.length, 0)
        yield* Cni.delNetworkList(list, container.conf)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )

  it.live(
    "passes CHECK unless somebody took the address away",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        const changeAddress = (action: "add" | "del", address = "") =>
          run("ip", "-n", container.namespace, "addr", action, address, "dev", "eth0")
        yield* Cni.addNetworkList(list, container.conf)
        yield* Cni.checkNetworkList(list, container.conf)
        const [address] = addressesOf(container)
        changeAddress("del", address)
        const error = yield* Effect.flip(Cni.checkNetworkList(list, container.conf))
        assert(error._tag === "PluginError")
        assert.deepStrictEqual([error.plugin, error.command], ["bridge", "CHECK"])
        // By the address in the container the plugin finds the rules that it has to remove.
        changeAddress("add", address)
        yield* Cni.delNetworkList(list, container.conf)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )

  it.live(
    "makes a port of a container reachable through the host until DEL",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const hostPort = yield* freePort
        const portMappings = [{ hostPort, containerPort: 8080, protocol: "tcp" }]
        const container = yield* scratchContainer(network, { portMappings })
        const list = yield* chain(network)
        yield* Cni.addNetworkList(list, container.conf)
        yield* serverIn(container, 8080, "hello from inside")
        assert.strictEqual(yield* answerOf(network.gateway, hostPort), "hello from inside")
        assert.strictEqual(yield* answerOf("127.0.0.1", hostPort), "hello from inside")
        yield* Cni.delNetworkList(list, container.conf)
        assert.strictEqual(yield* answerOf(network.gateway, hostPort), "ECONNREFUSED")
        assert.strictEqual(yield* answerOf("127.0.0.1", hostPort), "ECONNREFUSED")
      })
    )
  )

  it.live(
    "lets two containers of a network reach each other",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const one = yield* scratchContainer(network)
        const two = yield* scratchContainer(network)
        const list = yield* chain(network)
        yield* Cni.addNetworkList(list, one.conf)
        yield* Cni.addNetworkList(list, two.conf)
        const [addressOfOne = "", addressOfTwo = ""] = [one, two].flatMap(addressesOf).map((cidr) =>
          cidr.replace("/24", "")
        )
        assert.notStrictEqual(addressOfOne, addressOfTwo)
        assert.isTrue(canReach(one, addressOfTwo))
        assert.isTrue(canReach(two, addressOfOne))
        yield* Cni.delNetworkList(list, two.conf)
        assert.isTrue(canReach(one, network.gateway))
        yield* Cni.delNetworkList(list, one.conf)
        assert.deepStrictEqual(traces(network, one, two), noTraces)
      })
    )
  )

  it.live(
    "detaches once more what is detached already",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        yield* Cni.addNetworkList(list, container.conf)
        yield* Cni.delNetworkList(list, container.conf)
        yield* Cni.delNetworkList(list, container.conf)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )

  it.live(
    "leaves nothing when the last plugin refuses",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const during = Path.join(network.directory, "during")
        writePlugin(
          network.ownPlugins,
          "refusing",
          `[ "$CNI_COMMAND" = ADD ] || exit 0
           ip -n ${container.namespace} -o link show dev eth0 > ${during}
           echo '{"cniVersion":"1.0.0","code":100,"msg":"not today","details":"ask again tomorrow"}'
           exit 1`
        )
        const list = yield* chain(network, { type: "refusing" })
        const error = yield* Effect.flip(Cni.addNetworkList(list, container.conf))
        assert(error._tag === "PluginError")
        assert.deepStrictEqual(
          [error.plugin, error.command, error.code, error.msg, error.details],
          ["refusing", "ADD", 100, "not today", "ask again tomorrow"]
        )
        assert.match(Fs.readFileSync(during, "utf8"), /eth0/)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )

  it.live(
    "leaves nothing when an ADD is interrupted in its last plugin",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const pidFile = Path.join(network.directory, "pid")
        writePlugin(
          network.ownPlugins,
          "sleeping",
          `[ "$CNI_COMMAND" = ADD ] || exit 0
           echo $$ > ${pidFile}
           exec sleep 1000`
        )
        const list = yield* chain(network, { type: "sleeping" })
        const adding = yield* Effect.forkScoped(Cni.addNetworkList(list, container.conf))
        const pid = Number(yield* Effect.raceFirst(contentOf(pidFile), Fiber.join(adding)))
        assert.isTrue(isAlive(pid))
        assert.deepStrictEqual(traces(network, container).containerLinks, ["eth0"])
        yield* Fiber.interrupt(adding)
        assert.isFalse(isAlive(pid))
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )

  it.live(
    "detaches when what an attachment was made for is interrupted",
    onScratchNetwork((network) =>
      Effect.gen(function*() {
        const container = yield* scratchContainer(network)
        const list = yield* chain(network)
        const isAttached = yield* Latch.make()
        const program = Cni.attach(list, container.conf).pipe(
          Effect.andThen(isAttached.open),
          Effect.andThen(Effect.never),
          Effect.scoped
        )
        const running = yield* Effect.forkScoped(program)
        yield* Effect.raceFirst(isAttached.await, Fiber.join(running))
        assert.isTrue(canReach(container, network.gateway))
        assert.strictEqual(traces(network, container).records.length, 1)
        yield* Fiber.interrupt(running)
        assert.deepStrictEqual(traces(network, container), noTraces)
      })
    )
  )
})

const freePort: Effect.Effect<number> = Effect.callback<number>((resume) => {
  const server = Net.createServer().listen(0, () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** Starts a server in a container that says `greeting` to everyone; it is stopped with the scope. */
const serverIn = (
  { namespace }: Container,
  port: number,
  greeting: string
): Effect.Effect<void, never, Scope.Scope> => {
  const program = `require("node:net").createServer((socket) => socket.end(${JSON.stringify(greeting)}))` +
    `.listen(${port}, "0.0.0.0", () => console.log("listening"))`
  return Effect.acquireRelease(
    Effect.sync(() => {
      const child = ChildProcess.spawn("ip", ["netns", "exec", namespace, process.execPath, "-e", program])
      let isListening = false
      child.stdout.on("data", () => {
        isListening = true
      })
      return { child, isListening: () => isListening }
    }),
    ({ child }) =>
      Effect.callback<void>((resume) => {
        child.on("exit", () => resume(Effect.void))
        child.kill("SIGKILL")
      })
  ).pipe(Effect.flatMap(({ isListening }) => until(isListening)))
}

/** What a server says, or why it could not be reached. */
const answerOf = (host: string, port: number): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const socket = Net.connect({ host, port })
    let answer = ""
    socket.on("data", (chunk) => {
      answer += chunk.toString()
    })
    socket.on("end", () => resume(Effect.succeed(answer)))
    socket.on("error", (error) => {
      resume(Effect.succeed("code" in error && typeof error.code === "string" ? error.code : error.message))
    })
    return Effect.sync(() => socket.destroy())
  })

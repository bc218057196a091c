/** Runs the command in memory: scripted plugins, networks as texts, what was written to be looked at. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { MemoryCni } from "effect-cni/testing"
import * as ConfigProvider from "effect/ConfigProvider"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Crypto from "node:crypto"
import * as ObservedPluginExec from "../../../src/layers/exec/ObservedPluginExec.ts"
import { run } from "../../../src/programs/cli/run.ts"
import { CommandHost } from "../../../src/services/command/CommandHost.ts"
import type { Surface } from "../../../src/services/command/CommandOutput.ts"
import type { PluginExec } from "../../../src/services/plugin/PluginExec.ts"
import { PluginObserver } from "../../../src/services/plugin/PluginObserver.ts"
import * as MemoryCommandOutput from "../../support/MemoryCommandOutput.ts"
import * as MemoryScratchNamespaces from "../../support/MemoryScratchNamespaces.ts"

/** The machine that a command runs on. */
export interface World {
  readonly plugins?: Parameters<typeof MemoryCni.layer>[0]
  readonly networks?: Readonly<Record<string, string>>
  readonly cache?: Readonly<Record<string, string>>
  readonly journal?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly userId?: number
  /** The interfaces of network namespaces, by path. */
  readonly namespaces?: MemoryCni.Options["interfaces"]
  readonly surface?: Surface
  readonly scratch?: MemoryScratchNamespaces.Options
}

/** What a command did. */
export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly invocations: ReadonlyArray<string>
}

/** The lines of a text, and of them the last: what scripts read. */
export const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? ""

/** A machine on which commands can be run, one after the other. */
export const machine = Effect.fnUntraced(function*(
  {
    cache = {},
    environment = {},
    journal = {},
    namespaces: interfacesIn = {},
    networks = {},
    plugins = {},
    scratch = {},
    surface,
    userId = 0
  }: World
) {
  const services = yield* Layer.build(MemoryCni.layer(plugins, { networks, cache, journal, interfaces: interfacesIn }))
  const namespaces = Layer.succeedContext(yield* Layer.build(MemoryScratchNamespaces.layer(scratch)))
  const host = Layer.succeed(
    CommandHost,
    CommandHost.of({
      environment: NodeServices.layer,
      asking: (_, observer) => observed(services, observer),
      operating: (_, observer) => observed(services, observer),
      scratch: () => namespaces,
      userId: Effect.succeed(userId),
      absolute: (path) => Effect.succeed(path.startsWith("/") ? path : `/here/${path}`),
      sha512: (text) => Effect.succeed(Crypto.createHash("sha512").update(text).digest("hex"))
    })
  )
  return (...args: ReadonlyArray<string>) =>
    outcomeOf(args, surface).pipe(
      Effect.provide([host, Layer.succeedContext(services)]),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnvRecord(environment))
    )
})

/** Commands that are run one after the other on one machine. */
export const session = Effect.fnUntraced(
  function*(world: World, ...calls: ReadonlyArray<ReadonlyArray<string>>) {
    const run = yield* machine(world)
    return yield* Effect.forEach(calls, (args) => run(...args))
  },
  Effect.scoped
)

/** A command line as a shell splits it; what is behind a pipe or goes to a file is the shell's. */
export const wordsOf = (line: string): ReadonlyArray<string> =>
  [...(line.split(/ [|>] /)[0] ?? "").matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2")
  )

const observed = <A>(services: Context.Context<A | PluginExec>, observer: PluginObserver["Service"] | undefined) => {
  const all = Layer.succeedContext(services)
  if (observer === undefined) return all
  return Layer.merge(all, Layer.provide(ObservedPluginExec.layer, [all, Layer.succeed(PluginObserver, observer)]))
}

/** One command. */
export const outcome = (world: World, ...args: ReadonlyArray<string>) =>
  Effect.map(session(world, args), ([only]) => only ?? { status: -1, stdout: "", stderr: "", invocations: [] })

const outcomeOf = (args: ReadonlyArray<string>, surface: Surface | undefined) =>
  Effect.gen(function*() {
    const before = (yield* MemoryCni.invocations).length
    const status = yield* run(args, { version: "1.2.3" }).pipe(
      Effect.as(0),
      Effect.catch((error) => Effect.succeed(Runtime.getErrorExitCode(error)))
    )
    const written = yield* MemoryCommandOutput.Written
    const invocations = (yield* MemoryCni.invocations).slice(before)
    return { status, stdout: yield* written.stdout, stderr: yield* written.stderr, invocations }
  }).pipe(Effect.provide(MemoryCommandOutput.layer(surface)))

/** Runs the command in memory: scripted plugins, networks as texts, what was written to be looked at. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { MemoryCni } from "effect-cni/testing"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Crypto from "node:crypto"
import * as MemoryCommandOutput from "../../../src/layers/MemoryCommandOutput.ts"
import * as MemoryScratchNamespaces from "../../../src/layers/MemoryScratchNamespaces.ts"
import { run } from "../../../src/programs/cli/run.ts"
import { CommandHost } from "../../../src/services/CommandHost.ts"
import type { Surface } from "../../../src/services/CommandOutput.ts"

/** The machine that a command runs on. */
export interface World {
  readonly plugins?: Parameters<typeof MemoryCni.layer>[0]
  readonly networks?: Readonly<Record<string, string>>
  readonly cache?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly userId?: number
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

/** Commands that are run one after the other on one machine. */
export const session = Effect.fnUntraced(function*(
  { cache = {}, environment = {}, networks = {}, plugins = {}, scratch = {}, surface, userId = 0 }: World,
  ...calls: ReadonlyArray<ReadonlyArray<string>>
) {
  const services = yield* Layer.build(MemoryCni.layer(plugins, { networks, cache }))
  const host = Layer.succeed(
    CommandHost,
    CommandHost.of({
      asking: () => Layer.succeedContext(services),
      operating: () => Layer.succeedContext(services),
      userId: Effect.succeed(userId),
      absolute: (path) => Effect.succeed(path.startsWith("/") ? path : `/here/${path}`),
      sha512: (text) => Effect.succeed(Crypto.createHash("sha512").update(text).digest("hex"))
    })
  )
  const namespaces = Layer.succeedContext(yield* Layer.build(MemoryScratchNamespaces.layer(scratch)))
  const outcomes: Array<Outcome> = []
  for (const args of calls) {
    outcomes.push(
      yield* outcomeOf(args, surface).pipe(
        Effect.provide([host, namespaces, NodeServices.layer, Layer.succeedContext(services)]),
        Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnvRecord(environment))
      )
    )
  }
  return outcomes
}, Effect.scoped)

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

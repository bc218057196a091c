/** Asks each plugin once for its versions, and again only when its executable was replaced. */
import * as Cache from "effect/Cache"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as PluginInfo from "../../domain/plugin/PluginInfo.ts"
import type { PluginInvocation } from "../../domain/plugin/PluginRequest.ts"
import { PluginDiscovery } from "../../services/plugin/PluginDiscovery.ts"
import { PluginExec } from "../../services/plugin/PluginExec.ts"
import { PluginVersions } from "../../services/plugin/PluginVersions.ts"
import { OutputLimit, PluginTimeLimit, VersionCache } from "../../services/Tunables.ts"

/** Several questions about one plugin at the same time run it once. */
export const layer: Layer.Layer<PluginVersions, never, PluginExec | PluginDiscovery> = Layer.effect(
  PluginVersions,
  Effect.gen(function*() {
    const exec = yield* PluginExec
    const discovery = yield* PluginDiscovery

    const ask = Effect.fn("PluginVersions.ask")(function*({ path, type }: Executable) {
      const limitOf = yield* PluginTimeLimit
      const { stdout } = yield* OutputLimit
      const invocation = invocationOf(type, path, Duration.toMillis(limitOf("VERSION")))
      const outcome = yield* exec.run(invocation)
      return yield* Effect.fromResult(PluginInfo.fromOutcome(invocation, outcome, stdout, exec.dialect))
    })

    const answers = yield* Cache.makeWith(ask, {
      capacity: 1000,
      timeToLive: (exit) => Exit.isSuccess(exit) ? Duration.infinity : 0
    })

    const executableOf = Effect.fnUntraced(function*(type: string) {
      const path = yield* discovery.find(type)
      const fingerprint = (yield* VersionCache) === "on" ? yield* discovery.fingerprint(path) : undefined
      return { type, path, ...(fingerprint !== undefined && { fingerprint }) }
    })

    return PluginVersions.of({
      remembered: (type) =>
        executableOf(type).pipe(
          Effect.flatMap((executable) => Cache.getSuccess(answers, executable)),
          Effect.map((answer) => Option.isSome(answer) ? copyOf(answer.value) : undefined),
          Effect.orElseSucceed(() => undefined)
        ),
      of: Effect.fnUntraced(function*(type) {
        const executable = yield* executableOf(type)
        const asking = executable.fingerprint === undefined ? ask(executable) : Cache.get(answers, executable)
        return copyOf(yield* asking)
      })
    })
  })
)

// The caller may change what it gets; what is remembered stays.
const copyOf = ({ cniVersion, supportedVersions }: PluginInfo.PluginInfo): PluginInfo.PluginInfo => ({
  cniVersion,
  supportedVersions: [...supportedVersions]
})

interface Executable {
  readonly type: string
  readonly path: string
  readonly fingerprint?: string
}

// Plugins of old insist on parameters that VERSION has no use for.
const invocationOf = (type: string, path: string, timeLimitMs: number): PluginInvocation => ({
  plugin: type,
  path,
  command: "VERSION",
  network: "",
  containerId: "",
  ifName: "",
  environment: {
    CNI_COMMAND: "VERSION",
    CNI_CONTAINERID: "",
    CNI_NETNS: "dummy",
    CNI_ARGS: "",
    CNI_IFNAME: "dummy",
    CNI_PATH: "dummy"
  },
  stdin: PluginInfo.request,
  timeLimitMs
})

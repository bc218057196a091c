/** What effect/cli may ask of this machine. Most calls ask for nothing of it, so that most is loaded only when they do. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import type { Environment } from "effect/cli/Command"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"

/** The terminal, child processes and streams are those of `NodeServices`, from when they are first used. */
const onDemand: Layer.Layer<Terminal.Terminal | ChildProcessSpawner.ChildProcessSpawner | Stdio.Stdio> = Layer
  .effectContext(
    Effect.gen(function*() {
      const scope = yield* Effect.scope
      const module = Effect.promise(() => import("@effect/platform-node/NodeServices"))
      const services = yield* Effect.cached(Effect.flatMap(module, ({ layer }) => Layer.buildWithScope(layer, scope)))
      const terminal = Effect.map(services, Context.get(Terminal.Terminal))
      const spawner = Effect.map(services, Context.get(ChildProcessSpawner.ChildProcessSpawner))
      const stdio = Effect.map(services, Context.get(Stdio.Stdio))
      return Context.make(
        Terminal.Terminal,
        Terminal.make({
          columns: Effect.flatMap(terminal, ({ columns }) => columns),
          rows: Effect.flatMap(terminal, ({ rows }) => rows),
          size: Effect.flatMap(terminal, ({ size }) => size),
          readInput: Effect.flatMap(terminal, ({ readInput }) => readInput),
          readLine: Effect.flatMap(terminal, ({ readLine }) => readLine),
          display: (text) => Effect.flatMap(terminal, (service) => service.display(text))
        })
      ).pipe(
        Context.add(
          ChildProcessSpawner.ChildProcessSpawner,
          ChildProcessSpawner.make((command) => Effect.flatMap(spawner, (service) => service.spawn(command)))
        ),
        Context.add(
          Stdio.Stdio,
          Stdio.make({
            args: Effect.sync(() => process.argv.slice(2)),
            stdinIsTerminal: Effect.sync(() => process.stdin.isTTY),
            stdoutIsTerminal: Effect.sync(() => process.stdout.isTTY),
            stderrIsTerminal: Effect.sync(() => process.stderr.isTTY),
            stdin: Stream.unwrap(Effect.map(stdio, ({ stdin }) => stdin)),
            stdout: (options) => Sink.unwrap(Effect.map(stdio, (service) => service.stdout(options))),
            stderr: (options) => Sink.unwrap(Effect.map(stdio, (service) => service.stderr(options)))
          })
        )
      )
    })
  )

export const layer: Layer.Layer<Environment> = Layer.mergeAll(
  NodeFileSystem.layer,
  NodePath.layer,
  onDemand
)

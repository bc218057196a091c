/** What the demo makes on the host, and how each of it is taken back when a scope ends. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { type CommandFailed, run } from "./command.ts"
import * as Show from "./show.ts"

/** Runs a command, and says so. */
export const shown = (...command: readonly [program: string, ...args: ReadonlyArray<string>]) =>
  Show.line(Show.dim(`$ ${command.join(" ")}`)).pipe(
    Effect.andThen(run(...command)),
    Effect.tapError(({ message }) => Show.line(Show.bad(message)))
  )

/** A network namespace; its path. */
export const namespace = (name: string): Effect.Effect<string, CommandFailed, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.as(shown("ip", "netns", "add", name), `/run/netns/${name}`),
    () => Effect.orDie(shown("ip", "netns", "delete", name))
  )

/** Removes a bridge at the end: the plugin makes it for the first container, and leaves it after the last one. */
export const bridgeRemoved = (name: string) => {
  const remove = Effect.flatMap(
    bridges(name),
    (found) => Effect.forEach(found, (one) => shown("ip", "link", "delete", one))
  )
  return Effect.addFinalizer(() => Effect.orDie(remove))
}

/** The bridge of that name, if there is one. */
export const bridges = (name: string) =>
  Effect.map(
    run("ip", "-oneline", "link", "show", "type", "bridge"),
    (text) => text.includes(` ${name}:`) ? [name] : []
  )

/** Switches forwarding off at the end if it was off before: a bridge plugin that is a gateway switches it on. */
export const forwardingRestored = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const isOn = Effect.map(fs.readFileString(forwarding), (text) => text.trim() !== "0")
  if (yield* isOn) return
  const restore = Effect.gen(function*() {
    if (!(yield* isOn)) return
    yield* Show.line(Show.dim(`$ echo 0 >${forwarding}`))
    yield* fs.writeFileString(forwarding, "0")
  })
  yield* Effect.addFinalizer(() => Effect.orDie(restore))
})

const forwarding = "/proc/sys/net/ipv4/ip_forward"

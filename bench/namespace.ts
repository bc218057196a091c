/** A network namespace that the containers of the no-op chains are said to be in. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"

/**
 * The path of a new one, which is there until the scope ends. Where none can be made it is a file: then each DEL warns that
 * there is no namespace, which costs us time.
 */
export const newNamespace = (directory: string): Effect.Effect<string, never, Scope.Scope> => {
  const file = Path.join(directory, "netns")
  const make = Effect.sync(() => {
    Fs.writeFileSync(file, "")
    return ChildProcess.spawnSync("unshare", [`--net=${file}`, "true"]).status === 0
  })
  return Effect.acquireRelease(
    make,
    (isMounted) => Effect.sync(() => isMounted && ChildProcess.spawnSync("umount", ["--lazy", file]))
  ).pipe(Effect.as(file))
}

/** Makes network namespaces that last as long as a scope, and runs commands in them. They belong to a cache. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { NamespaceFailed, ProgramUnusable } from "../../domain/errors/CommandError.ts"

/** A network namespace that we made. */
export interface ScratchNamespace {
  readonly name: string
  readonly path: string
}

/** How a command ended: its exit status, which is 128 + the number of the signal that ended it, where one did. */
export interface Ending {
  readonly status: number
  readonly signal?: string
}

/** What was found of namespaces of the cache whose makers have died. */
export interface Swept {
  readonly removed: ReadonlyArray<string>
  readonly failing: ReadonlyArray<NamespaceFailed>
}

export class ScratchNamespaces extends Context.Service<ScratchNamespaces, {
  /** Makes one, with its loopback up. It ends with the scope: what still runs in it is ended, then it is removed. */
  readonly make: Effect.Effect<ScratchNamespace, NamespaceFailed, Scope.Scope>
  /** Gives those who are run in it a `resolv.conf` of their own. */
  readonly resolveBy: (namespace: ScratchNamespace, resolvConf: string) => Effect.Effect<void, NamespaceFailed>
  /** Whether there is such a program to run: better known before anything is made for it. */
  readonly find: (program: string) => Effect.Effect<void, ProgramUnusable>
  /**
   * Runs a command with our terminal, and leaves SIGINT and SIGQUIT to it as long as it lasts. Interruption asks it to
   * end, by SIGTERM and after `KillGrace` by SIGKILL, and waits for that.
   */
  readonly run: (
    namespace: ScratchNamespace,
    program: string,
    args: ReadonlyArray<string>
  ) => Effect.Effect<Ending, ProgramUnusable>
  /** Removes those of the cache whose makers have died, but for the paths to `keep`. */
  readonly sweep: (keep: ReadonlySet<string>) => Effect.Effect<Swept, NamespaceFailed>
}>()("effect-cni/services/ScratchNamespaces") {}

/** The flags that all commands share, as one call has them. */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"

export interface SharedFlags {
  readonly ifName: Option.Option<string>
  readonly containerId: Option.Option<string>
  readonly netns: Option.Option<string>
  readonly confDir: Option.Option<string>
  readonly pluginDirs: ReadonlyArray<string>
  readonly cacheDir: Option.Option<string>
  readonly timeout: Option.Option<Duration.Duration>
  readonly trace: boolean
  readonly traceIo: boolean
  readonly json: boolean
}

/** Where handlers find them, whoever has read the call. */
export class Flags extends Context.Service<Flags, SharedFlags>()("effect-cni/programs/cli/Flags") {}

/** Those of a call that has none. */
export const noFlags: SharedFlags = {
  ifName: Option.none(),
  containerId: Option.none(),
  netns: Option.none(),
  confDir: Option.none(),
  pluginDirs: [],
  cacheDir: Option.none(),
  timeout: Option.none(),
  trace: false,
  traceIo: false,
  json: false
}

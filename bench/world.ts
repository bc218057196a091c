/** What every measure has: programs, a place for files, and drivers to ask. */
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { pluginTypes, type Programs } from "./build.ts"
import { type Peer, type PeerFailed, startPeer } from "./peer.ts"
import type { Container, Setup } from "./protocol.ts"
import type { Sampler } from "./rounds.ts"

export interface World {
  readonly directory: string
  /** Where every side has a directory for its cache. */
  readonly caches: string
  /** Where the containers of chains that do nothing are. */
  readonly netns: string
  readonly programs: Programs
  readonly isQuick: boolean
  readonly rounds: number
}

/** What one measure has found: its figure in every round, and what that was made of. */
export interface Finding {
  readonly name: string
  readonly rounds: ReadonlyArray<number>
  /** Medians of both sides. */
  readonly ours: number
  readonly theirs?: number
  readonly unit: string
  /** How large our process was at the end. */
  readonly rss: number
}

/** Measures that are taken together. */
export interface Group {
  readonly names: ReadonlyArray<string>
  /** Takes those of its measures that are wanted. */
  readonly run: (
    world: World,
    wanted: ReadonlySet<string>
  ) => Effect.Effect<ReadonlyArray<Finding>, PeerFailed, Scope.Scope>
}

/** What is measured, once it is started. */
export type Side = Effect.Effect<Sampler<PeerFailed> & { readonly peer?: Peer }, PeerFailed, Scope.Scope>

/** A new directory of a side's own. */
export const newDirectory = ({ caches }: World): string => Fs.mkdtempSync(Path.join(caches, "side-"))

/** Our defaults on the no-op plugins, with a cache of its own. */
export const noopSetup = (world: World): Setup => ({
  pluginPath: world.programs.noop,
  cacheDir: newDirectory(world),
  conflist: writeFile(world, "noop.conflist", noopConflist),
  exec: "posix_spawn",
  compat: "safe",
  durability: "process",
  hostMb: 0
})

const noopConflist = JSON.stringify({
  cniVersion: "1.0.0",
  name: "noop",
  plugins: pluginTypes.map((type) => ({ type }))
})

/** Writes a file that all sides see; gives its path. */
export const writeFile = ({ directory }: World, name: string, text: string): string => {
  const file = Path.join(directory, name)
  Fs.writeFileSync(file, text)
  return file
}

/** Containers for plugins that do not look at them: all have one namespace. */
export const noContainers = ({ netns }: World, count: number): ReadonlyArray<Container> =>
  Array.from({ length: count }, (_, index) => ({ id: `container-${index}`, netns, hostPort: 0 }))

/** Our driver, with Node's default flags. */
export const ours = ({ programs }: World, setup: Setup) => startPeer(programs.ours, setup)

/**
 * What a host may do to keep a process small: less room for new objects, a collection of the old ones before they
 * double, and one arena of glibc for all threads.
 */
export const tuning = ["MALLOC_ARENA_MAX=1", "node", "--max-semi-space-size=8", "--heap-growing-percent=40"]

/** Our driver with that; its figures say so. */
export const oursTuned = ({ programs }: World, setup: Setup) => {
  const [node = "", ...subject] = programs.ours
  return startPeer(["env", ...tuning.map((word) => word === "node" ? node : word), ...subject], setup)
}

/** libcni as a driver. */
export const theirs = ({ programs }: World, setup: Setup) => startPeer(programs.theirs, setup)

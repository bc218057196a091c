/** What the harness says to a driver, ours or libcni's, and what it hears: JSON, one line each. */
import * as Schema from "effect/Schema"

/** What a driver is started with. libcni's knows the first three only. */
export const Setup = Schema.Struct({
  pluginPath: Schema.String,
  cacheDir: Schema.String,
  conflist: Schema.String,
  exec: Schema.Literals(["posix_spawn", "spawn"]),
  compat: Schema.Literals(["safe", "libcni"]),
  durability: Schema.Literals(["process", "power-loss"]),
  /** Grow to this resident size first, with pages that are written to. */
  hostMb: Schema.Finite
})
export type Setup = typeof Setup.Type

/** A container; with a `hostPort` its port 80 is published there. */
export const Container = Schema.Struct({ id: Schema.String, netns: Schema.String, hostPort: Schema.Int })
export type Container = typeof Container.Type

export const Request = Schema.Union([
  /** Take every container through the verbs, so many at a time. */
  Schema.Struct({
    op: Schema.Literal("chains"),
    verbs: Schema.Array(Schema.Literals(["ADD", "CHECK", "DEL"])),
    containers: Schema.Array(Container),
    atATime: Schema.Int
  }),
  /** Collect every attachment of the network. */
  Schema.Struct({ op: Schema.Literal("gc"), containers: Schema.Array(Container) }),
  /** List the attachments, of one container unless its ID is empty. */
  Schema.Struct({ op: Schema.Literal("list"), containerId: Schema.String }),
  Schema.Struct({ op: Schema.Literal("state") })
])
export type Request = typeof Request.Type

/** Times in ms, sizes in MB. */
export const Answer = Schema.Struct({
  /** How long each chain took, or the whole. */
  each: Schema.Array(Schema.Finite),
  wall: Schema.Finite,
  found: Schema.Int,
  rss: Schema.Finite,
  descriptors: Schema.Int,
  /** The longest time in which the event loop did not get to a timer of 1 ms. */
  delay: Schema.Finite,
  /** What only ours tells: page faults without reading so far, and the last process of the namespace. */
  counters: Schema.optionalKey(Schema.Struct({ minorFaults: Schema.Int, lastPid: Schema.Int }))
})
export type Answer = typeof Answer.Type

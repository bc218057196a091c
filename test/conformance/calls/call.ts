/** How the calls of the vectors are written down: the arguments of each, and what it does with the public API. */
import { Effect, type FileSystem, type Path, Schema } from "effect"
import type { NodeCni } from "effect-cni/node"
import type { Places } from "../fixture.ts"
import type { Failure, Failures } from "../vector.ts"

/** What calls are made with: the library's services, and the file system for loading from paths. */
export type Services = NodeCni.Services | FileSystem.FileSystem | Path.Path

/** A call whose arguments are not yet looked at. */
export type Call = (
  args: unknown,
  places: Places
) => Effect.Effect<unknown, Failure | Failures, Services>

/** A call by the schema of its arguments. Arguments of another shape are a defect of the vector. */
export const call = <A, I>(
  schema: Schema.Codec<A, I>,
  perform: (args: A, places: Places) => Effect.Effect<unknown, Failure | Failures, Services>
): Call =>
(args, places) =>
  Effect.flatMap(Effect.orDie(Schema.decodeUnknownEffect(schema)(args)), (known) => perform(known, places))

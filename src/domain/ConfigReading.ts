/** Reads configurations of any kind, and says what is wrong with one and where. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ConfigInvalid } from "./CniError.ts"
import type { DecodeIssue } from "./DecodeIssue.ts"
import { type Json, type JsonLimits, parseBytes } from "./Json.ts"

/** Parses bytes within limits, and reads what they hold. */
export const readConfig = <A>(
  kind: ConfigInvalid["kind"],
  bytes: Uint8Array,
  limits: JsonLimits,
  read: (json: Json) => Result.Result<A, DecodeIssue>
): Effect.Effect<A, ConfigInvalid> =>
  parseBytes(bytes, limits).pipe(
    Result.mapError((reason): DecodeIssue => ({ at: "", reason })),
    Result.flatMap(read),
    Result.mapError((issue) => new ConfigInvalid({ kind, ...issue })),
    Effect.fromResult
  )

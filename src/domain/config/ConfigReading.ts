/** Reads configurations of any kind, and says what is wrong with one and where. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ConfigInvalid } from "../errors/CniError.ts"
import type { DecodeIssue } from "../json/DecodeIssue.ts"
import { decodeText, type Json, type JsonLimits, parseBytes } from "../json/Json.ts"
import { firstMistake } from "../json/JsonMistake.ts"
import { placeOfPath } from "../json/JsonPlace.ts"

/** Parses bytes within limits, and reads what they hold. */
export const readConfig = <A>(
  kind: ConfigInvalid["kind"],
  bytes: Uint8Array,
  limits: JsonLimits,
  read: (json: Json) => Result.Result<A, DecodeIssue>
): Effect.Effect<A, ConfigInvalid> =>
  parseBytes(bytes, limits).pipe(
    Result.mapError((reason) => unreadable(kind, bytes, limits, reason)),
    Result.flatMap((json) => Result.mapError(read(json), (issue) => unusable(kind, bytes, issue))),
    Effect.fromResult
  )

const unusable = (kind: ConfigInvalid["kind"], bytes: Uint8Array, issue: DecodeIssue) =>
  new ConfigInvalid({ kind, ...issue, position: placeOfPath(decodeText(bytes), issue.at) })

const unreadable = (kind: ConfigInvalid["kind"], bytes: Uint8Array, { maxBytes }: JsonLimits, reason: string) => {
  const mistake = bytes.byteLength > maxBytes ? undefined : firstMistake(decodeText(bytes))
  return new ConfigInvalid({
    kind,
    at: "",
    reason,
    ...(mistake && { reason: mistake.reason, position: mistake.place })
  })
}

/** What there is to look at between the operations: results, records of the cache, allocations of the demo's plugins. */
import { AttachmentCache, type AttachmentKey, type CniResult, Json } from "effect-cni"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Path from "node:path"
import * as Left from "./left.ts"
import * as Show from "./show.ts"

/** The addresses of a result in one line. */
export const summary = ({ interfaces, ips }: CniResult.CniResult): string =>
  ips.map(({ address, gateway = "none", interface: at }) =>
    `${address} on ${interfaces[at ?? -1]?.name ?? "no interface"}, gateway ${gateway}`
  ).join("; ") || "no address"

/** A result, interface by interface and address by address. */
export const result = Effect.fnUntraced(function*(made: CniResult.CniResult) {
  yield* Effect.forEach(
    made.interfaces,
    ({ name, sandbox = "" }) => Show.row("interface", `${name} ${sandbox === "" ? "on the host" : `in ${sandbox}`}`)
  )
  yield* Show.row("address", summary(made))
})

/** The cache file of an attachment, member by member. */
export const cacheRecord = Effect.fnUntraced(function*(key: AttachmentKey.AttachmentKey) {
  const fs = yield* FileSystem.FileSystem
  const file = (yield* AttachmentCache).pathOf(key)
  const json = Result.getOrElse(Json.parse(yield* fs.readFileString(file)), () => null)
  const members = Object.entries(Json.isJsonObject(json) ? json : {})
  yield* Show.row("file", file)
  yield* Effect.forEach(members, ([name, value]) => Show.row(name, Json.stringify(value)))
})

/** What the demo's plugins hold at the moment. */
export const allocations = Effect.fnUntraced(function*(stateDir: string) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.forEach(
    yield* Left.files(stateDir, /./),
    (name) =>
      Effect.flatMap(
        fs.readFileString(Path.join(stateDir, name)),
        (taken) => Show.row("allocated", `${name.padEnd(26)} ${taken}`)
      )
  )
})

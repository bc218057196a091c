/** Where an attachment is, by what is stored of it: the path of its ADD, or the one that its result has. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { AttachmentKey } from "../../domain/attachment/AttachmentKey.ts"
import type { CacheRecord } from "../../domain/attachment/CacheEntry.ts"
import * as CniResult from "../../domain/result/CniResult.ts"
import { NetworkNamespaces } from "../../services/network/NetworkNamespaces.ts"
import { type StoredAttachment, valueOf } from "./lookUp.ts"

/** The path of the ADD; of a record without one the path that its result has for the interface, if that is still there. */
export const storedPath = Effect.fnUntraced(function*(stored: StoredAttachment) {
  const entry = valueOf(stored.entry)
  const record = valueOf(stored.record)
  const path = entry?.netns || (record?._tag === "CacheRecord" ? record.netns : "")
  if (path !== "") return path
  const json = record?._tag === "CacheRecord" ? record.result : entry?.result ?? record?.json ?? {}
  const made = sandboxIn(stored.key, json)
  return made !== undefined && (yield* isStillThere(made)) ? made.sandbox : ""
})

/** The path that a record names, or its result; empty where neither does. */
export const pathIn = (record: CacheRecord): string => record.netns || (sandboxIn(record, record.result)?.sandbox ?? "")

/** An interface that a result has in a namespace. */
export interface SandboxedInterface {
  readonly ifName: string
  readonly sandbox: string
  readonly mac: string
}

/** What a result says of an interface in a namespace, where it says where that is. */
export const sandboxIn = (
  { ifName }: Pick<AttachmentKey, "ifName">,
  json: CniResult.CniResult["json"]
): SandboxedInterface | undefined => {
  const result = Result.getOrElse(CniResult.fromJson(json, ""), () => undefined)
  const made = result?.interfaces.find(({ name, sandbox }) => name === ifName && (sandbox ?? "") !== "")
  return made?.sandbox === undefined ? undefined : { ifName, sandbox: made.sandbox, mac: made.mac?.toLowerCase() ?? "" }
}

/** Whether the interface is there, by its MAC address. */
export const isStillThere = Effect.fnUntraced(function*({ ifName, mac, sandbox }: SandboxedInterface) {
  const found = yield* (yield* NetworkNamespaces).interfaceAt(sandbox, ifName)
  return typeof found === "object" && mac !== "" && found.mac === mac
})

/** Says which version a network is run with, and why it is that one. */
import * as Result from "effect/Result"
import { current } from "../../../domain/config/CniVersion.ts"
import type { NetworkConfigList } from "../../../domain/config/NetworkConfigList.ts"
import { isJsonArray, isJsonObject, parseBytes } from "../../../domain/json/Json.ts"

/** The version, and a reason that goes after it. */
export const versionChoice = (list: NetworkConfigList): { readonly cniVersion: string; readonly reason: string } => {
  const json = Result.getOrElse(parseBytes(list.bytes), () => null)
  const { cniVersion, cniVersions } = isJsonObject(json) ? json : {}
  const several = isJsonArray(cniVersions) ? cniVersions.filter((version) => typeof version === "string") : []
  if (list.cniVersion === "") return { cniVersion: "0.1.0", reason: "since its file names none" }
  if (several.length === 0) return { cniVersion: list.cniVersion, reason: "as its file says" }
  const own = typeof cniVersion === "string" && !several.includes(cniVersion) ? [cniVersion] : []
  const all = [...several, ...own].join(", ")
  return { cniVersion: list.cniVersion, reason: `the highest of ${all} that is not newer than ${current}` }
}

/** A result as text: as Go's tools print it (indented by four spaces, members in Go's order), or its DNS as `resolv.conf`. */
import { inByteOrder, isJsonArray, isJsonObject, type Json, stringify } from "../json/Json.ts"
import type { CniResult, Dns } from "./CniResult.ts"

/**
 * What `cnitool add` writes to stdout, without a line feed at the end. libcni sorts the members of results of 1.x, and
 * writes those of older ones in the order of its structures.
 */
export const print = ({ cniVersion, json }: CniResult): string =>
  indented(json, cniVersion.startsWith("0.") ? inStructOrder : inByteOrder)

/** JSON as Go's `json.MarshalIndent` writes it, members of objects in a given order; sorted by default. */
export const indented = (value: Json, order: Order = inByteOrder): string => write(value, order, "\n")

type Order = (keys: ReadonlyArray<string>) => ReadonlyArray<string>

const write = (value: Json, order: Order, line: string): string => {
  const inner = `${line}    `
  if (isJsonArray(value)) {
    return wrapped("[]", value.map((item) => write(item, order, inner)), line)
  }
  if (!isJsonObject(value)) return stringify(value)
  const members = order(Object.keys(value)).map((key) =>
    `${stringify(key)}: ${write(value[key] ?? null, order, inner)}`
  )
  return wrapped("{}", members, line)
}

const wrapped = (brackets: "[]" | "{}", items: ReadonlyArray<string>, line: string): string => {
  if (items.length === 0) return brackets
  const inner = `${line}    `
  return `${brackets[0]}${inner}${items.join(`,${inner}`)}${line}${brackets[1]}`
}

// One list serves all of Go's structures: no two of them order the same members differently.
const members = ("cniVersion interfaces ip4 ip6 ips dst gw mtu advmss priority table scope name mac sandbox version " +
  "interface address ip gateway routes nameservers domain search options dns").split(" ")

const inStructOrder: Order = (keys) => [
  ...members.filter((member) => keys.includes(member)),
  ...inByteOrder(keys.filter((key) => !members.includes(key)))
]

/** The `resolv.conf` for the DNS of a result; nothing where no server is named. What no line of it can have is left out. */
export const resolvConfOf = ({ domain = "", nameservers = [], options = [], search = [] }: Dns): string | undefined => {
  const servers = nameservers.filter(isWord)
  if (servers.length === 0) return undefined
  return [
    ...servers.map((server) => `nameserver ${server}`),
    ...line("domain", [domain]),
    ...line("search", search),
    ...line("options", options)
  ].map((text) => `${text}\n`).join("")
}

const line = (keyword: string, words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const usable = words.filter(isWord)
  return usable.length === 0 ? [] : [`${keyword} ${usable.join(" ")}`]
}

const isWord = (text: string): boolean => /^[!-~]+$/.test(text) && !/^[#;]/.test(text)

/**
 * Results of 1.x that are canonical already, as what is recorded is, and what most plugins write: to read them changes
 * nothing. Each of these shapes is one of `ResultFormat`, without all that is rewritten or left out there.
 */
import * as Result from "effect/Result"
import type { Json } from "../json/Json.ts"
import * as JsonShape from "../json/JsonShape.ts"
import { nonEmptyListOf, nonEmptyText, objectWith, type Of, type Shape, text } from "../json/JsonShape.ts"
import { canonicalCidr, canonicalIp } from "./Cidr.ts"

const unchangedBy = (rewrite: (text: string) => Result.Result<string, string>): Shape<string> => {
  const isUnchanged = (value: string) => Result.getOrElse(rewrite(value), () => "") === value
  return (value): value is string => nonEmptyText(value) && isUnchanged(value)
}

const cidr = unchangedBy(canonicalCidr)
const ip = unchangedBy(canonicalIp)
// -0 is rewritten to 0.
const integer = (value: Json | undefined): value is number => JsonShape.integer(value) && !Object.is(value, -0)
const nonZero = (value: Json | undefined): value is number => integer(value) && value !== 0
const texts = nonEmptyListOf(text)

const dns = objectWith({}, { nameservers: texts, domain: nonEmptyText, search: texts, options: texts })
const isMade = (value: Json | undefined): value is Of<typeof dns> => dns(value) && Object.keys(value).length > 0

const route = objectWith({ dst: cidr }, {
  gw: ip,
  mtu: nonZero,
  advmss: nonZero,
  priority: nonZero,
  table: integer,
  scope: integer
})

const device = objectWith({ name: text }, {
  mac: nonEmptyText,
  mtu: nonZero,
  sandbox: nonEmptyText,
  socketPath: nonEmptyText,
  pciID: nonEmptyText
})

const address = objectWith({ address: cidr }, { interface: integer, gateway: ip })

/** Whether a result of 1.x is canonical. */
export const isCanonical = objectWith({}, {
  interfaces: nonEmptyListOf(device),
  ips: nonEmptyListOf(address),
  routes: nonEmptyListOf(route),
  dns: isMade
})

/**
 * The three formats that results have had (spec, section 5 "Success", of each version). Decoding makes a result
 * canonical: empty members go, addresses are rewritten, unknown members stay; what is wrong is named with its place.
 */
import * as Effect from "effect/Effect"
import * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import { AnyJson, decodedBy } from "../json/JsonCodec.ts"

/** `10.1.0.5/24` in canonical form; the failure says what is wrong with the text. */
export const canonicalCidr = (text: string): Result.Result<string, string> => {
  if (plainCidr.test(text)) return Result.succeed(text)
  if (!text.includes("/")) return Result.fail(`"${text}" is no CIDR address: a prefix length such as /24 is missing`)
  // Go reads a prefix length as a decimal number, with zeros before it or not.
  return IpInterface.fromString(text.replace(/\/0+(?=\d)/, "/")).pipe(
    Result.map((parsed) => IpInterface.format(unmapped(parsed))),
    Result.mapError((error) => `"${text}" is no CIDR address: ${error.message}`)
  )
}

/** An address without a prefix in canonical form; the failure says what is wrong with the text. */
export const canonicalIp = (text: string): Result.Result<string, string> => {
  if (plainIp.test(text)) return Result.succeed(text)
  return NetAddress.ipFromString(text).pipe(
    Result.map((parsed) => NetAddress.formatIp(unmappedIp(parsed))),
    Result.mapError((error) => `"${text}" is no IP address: ${error.message}`)
  )
}

// What most results have, which is canonical as it is.
const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
const ipv4 = `(?:${octet}\\.){3}${octet}`
const plainIp = new RegExp(`^${ipv4}$`)
const plainCidr = new RegExp(`^${ipv4}/(?:3[0-2]|[12]?\\d)$`)

/** Whether a canonical address, with or without prefix, is an IPv4 one. */
export const isIpv4 = (text: string): boolean => !text.includes(":")

const mappedBits = 96

const unmapped = (parsed: IpInterface.IpInterface): IpInterface.IpInterface => {
  const address = unmappedIp(parsed.address)
  const isInside = address !== parsed.address && parsed.prefixLength >= mappedBits
  return isInside ? IpInterface.makeUnsafe(address, parsed.prefixLength - mappedBits) : parsed
}

const unmappedIp = (address: NetAddress.IpAddress): NetAddress.IpAddress =>
  NetAddress.isIpv6Address(address)
    ? Option.getOrElse(NetAddress.fromIpv4Mapped(address), (): NetAddress.IpAddress => address)
    : address

const open = <const Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.StructWithRest(Schema.Struct(fields), [Schema.Record(Schema.String, AnyJson)])

/** A member that is left out when it is null or empty, as Go's `omitempty` does. */
const omittable = <T, E>(schema: Schema.Codec<T, E>, isEmpty: (value: T) => boolean) =>
  Schema.optionalKey(Schema.NullOr(schema)).pipe(
    Schema.decodeTo(Schema.optionalKey(Schema.toType(schema)), {
      decode: SchemaGetter.transformOptional((value: Option.Option<T | null>) =>
        Option.filter(value, (present): present is T => present !== null && !isEmpty(present))
      ),
      encode: SchemaGetter.passthroughSupertype()
    })
  )

/** Rewrites a value by a function that says in words what is wrong with it. */
const checked = <T>(check: (value: T) => Result.Result<T, string>) => ({
  decode: decodedBy(check),
  encode: SchemaGetter.passthrough<T>()
})

const rewritten = (rewrite: (text: string) => Result.Result<string, string>) =>
  Schema.String.pipe(Schema.decodeTo(Schema.String, checked(rewrite)))

/** An integer that the type of Go's structures can hold, which is `int`. Beyond 2^53 it is a bigint, as everywhere. */
const int64 = (value: number | bigint): Result.Result<number | bigint, string> => {
  if (typeof value === "number" && !Number.isInteger(value)) return Result.fail(`${value} is not an integer`)
  const exact = typeof value === "bigint" || Number.isSafeInteger(value) ? value : BigInt(value)
  if (BigInt.asIntN(64, BigInt(exact)) !== BigInt(exact)) return Result.fail(`${exact} does not fit into 64 bits`)
  // There is no -0 among integers.
  return Result.succeed(exact === 0 ? 0 : exact)
}

const text = omittable(Schema.String, (value) => value === "")
const AnyNumber = Schema.Union([Schema.Number, Schema.BigInt])
const Integer = AnyNumber.pipe(Schema.decodeTo(AnyNumber, checked(int64)))
const integer = omittable(Integer, (value) => value === 0)
const nullableInteger = omittable(Integer, () => false)
const index = omittable(
  Schema.Int.pipe(Schema.decodeTo(Schema.Int, checked((value) => Result.succeed(value === 0 ? 0 : value)))),
  () => false
)
const list = <T, E>(item: Schema.Codec<T, E>) => omittable(Schema.Array(item), (items) => items.length === 0)
const CidrText = rewritten(canonicalCidr)
const ip = omittable(
  rewritten((value) => value === "" ? Result.succeed("") : canonicalIp(value)),
  (value) => value === ""
)
// As in Go, null stands for an empty text.
const nullableText = Schema.NullOr(Schema.String).pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transform((value: string | null) => value ?? ""),
    encode: SchemaGetter.passthroughSupertype()
  })
)
const requiredText = nullableText.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))
const texts = omittable(Schema.Array(nullableText), (value) => value.length === 0)

const Dns = open({ nameservers: texts, domain: text, search: texts, options: texts })
const dns = omittable(Dns, (value) => Object.keys(value).length === 0)

const Route = open({
  dst: CidrText,
  gw: ip,
  mtu: integer,
  advmss: integer,
  priority: integer,
  table: nullableInteger,
  scope: nullableInteger
})

const Interface = open({
  name: requiredText,
  mac: text,
  mtu: integer,
  sandbox: text,
  socketPath: text,
  pciID: text
})

const IpConfig = open({ interface: index, address: CidrText, gateway: ip })

/** Results of 1.0.0 and 1.1.0. */
export const Format100 = open({ interfaces: list(Interface), ips: list(IpConfig), routes: list(Route), dns })

/** Results of 0.3.0, 0.3.1 and 0.4.0, in which each address says its family. */
export const Format040 = open({
  interfaces: list(open({ name: requiredText, mac: text, sandbox: text })),
  ips: list(open({ version: requiredText, interface: index, address: CidrText, gateway: ip })),
  routes: list(Route),
  dns
})

const Family = open({ ip: CidrText, gateway: ip, routes: list(Route) })

/** Results of 0.1.0 and 0.2.0, with one address of each family and its routes. */
export const Format020 = open({ ip4: omittable(Family, () => false), ip6: omittable(Family, () => false), dns })

/** Name servers and search domains. */
export type Dns = typeof Dns.Type

/** A route; `dst` is CIDR. */
export type Route = typeof Route.Type

/** An interface that a chain made or used; `sandbox` is the namespace's path, absent for one on the host. */
export type Interface = typeof Interface.Type

/** An address in CIDR form; `interface` is an index into the result's interfaces. */
export type IpConfig = typeof IpConfig.Type

export type Result100 = typeof Format100.Type
export type Result040 = typeof Format040.Type
export type Result020 = typeof Format020.Type

/** Addresses as results write them: CIDR with host bits kept, IPv6 in its short form, mapped IPv4 as IPv4. */
import * as IpInterface from "effect/net/IpInterface"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

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

/** What the three formats of results know, and so what is unknown, missing or misspelt in a result. */
import { isArray, isMembers } from "../json.ts"

/** The members of a kind of object; those that are objects, or arrays of objects, with theirs. */
export interface Shape {
  readonly [member: string]: Shape | readonly [Shape] | true
}

const dns: Shape = { nameservers: true, domain: true, search: true, options: true }
const route: Shape = { dst: true, gw: true, mtu: true, advmss: true, priority: true, table: true, scope: true }
const family: Shape = { ip: true, gateway: true, routes: [route] }
const format020: Shape = { cniVersion: true, ip4: family, ip6: family, dns }
const format040: Shape = {
  cniVersion: true,
  interfaces: [{ name: true, mac: true, sandbox: true }],
  ips: [{ version: true, interface: true, address: true, gateway: true }],
  routes: [route],
  dns
}
const format100: Shape = {
  cniVersion: true,
  interfaces: [{ name: true, mac: true, mtu: true, sandbox: true, socketPath: true, pciID: true }],
  ips: [{ interface: true, address: true, gateway: true }],
  routes: [route],
  dns
}

/** The format of each version. */
export const shapes: ReadonlyMap<string, Shape> = new Map([
  ["0.1.0", format020],
  ["0.2.0", format020],
  ["0.3.0", format040],
  ["0.3.1", format040],
  ["0.4.0", format040],
  ["1.0.0", format100],
  ["1.1.0", format100]
])

type Members = Readonly<Record<string, unknown>>

const shapeOf = (shape: Shape, key: string) => Object.hasOwn(shape, key) ? shape[key] : undefined

/** Without the members that are unknown. */
export const strip = (value: unknown, shape: Shape): unknown => {
  if (!isMembers(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const known = shapeOf(shape, key)
      return known === undefined ? [] : [[key, known === true ? member : eachOf(known, member, strip)]]
    })
  )
}

const eachOf = (shape: Shape | readonly [Shape], value: unknown, change: (value: unknown, shape: Shape) => unknown) => {
  if (!isItems(shape)) return change(value, shape)
  return isArray(value) ? value.map((item) => change(item, shape[0])) : value
}

const isItems = (shape: Shape | readonly [Shape]): shape is readonly [Shape] => Array.isArray(shape)

/** A canonical value, with the members put back that were unknown in the one that it was made from. */
export const putBack = (canonical: unknown, raw: unknown, shape: Shape): unknown => {
  if (!isMembers(raw)) return canonical
  const known: Members = isMembers(canonical) ? canonical : {}
  const members = Object.entries(raw).flatMap(([key, member]): ReadonlyArray<readonly [string, unknown]> => {
    const inner = shapeOf(shape, key)
    if (inner === undefined) return [[key, member]]
    const before = known[key]
    const after = inner === true ? before : putBackInto(before, member, inner)
    return after === undefined ? [] : [[key, after]]
  })
  return members.length === 0 && canonical === undefined ? undefined : { ...known, ...Object.fromEntries(members) }
}

const putBackInto = (canonical: unknown, raw: unknown, shape: Shape | readonly [Shape]): unknown =>
  isItems(shape)
    ? isArray(canonical) && isArray(raw) ? canonical.map((item, at) => putBack(item, raw[at], shape[0])) : canonical
    : putBack(canonical, raw, shape)

/** Every object in a value that has a shape, with it; also what stands where one should be. */
const objects = (value: unknown, shape: Shape): ReadonlyArray<readonly [value: unknown, shape: Shape]> => {
  if (!isMembers(value)) return [[value, shape]]
  const inner = Object.entries(value).flatMap(([key, member]) => {
    const known = shapeOf(shape, key)
    if (known === undefined || known === true) return []
    if (!isItems(known)) return member === null ? [] : objects(member, known)
    return isArray(member) ? member.flatMap((item) => objects(item, known[0])) : []
  })
  return [[value, shape], ...inner]
}

/** Whether an address is missing, an entry is null, or an IPv4-mapped address has a prefix that is not inside IPv4. */
export const hasHoles = (value: unknown, shape: Shape): boolean =>
  objects(value, shape).some(([object, known]) =>
    object === null ||
    (isMembers(object) &&
      ["address", "dst", "ip"].some((key) =>
        Object.hasOwn(known, key) && (!Object.hasOwn(object, key) || isShortMapped(object[key]))
      ))
  )

const isShortMapped = (address: unknown): boolean => {
  const [, ip = "", prefix] = typeof address === "string" ? /^([0-9a-fA-F:.]+)\/(\d+)$/.exec(address) ?? [] : []
  return Number(prefix) < 96 && URL.parse(`http://[${ip}]`)?.hostname.startsWith("[::ffff:") === true
}

/** Whether a member's name is that of a known one but for its case. */
export const hasOtherCase = (value: unknown, shape: Shape): boolean =>
  objects(value, shape).some(([object, known]) => isMembers(object) && otherCase(object, Object.keys(known)))

/** Whether one of these names is there in another case. */
export const otherCase = (object: Members, names: ReadonlyArray<string>): boolean =>
  Object.keys(object).some((key) =>
    !names.includes(key) && names.some((name) => name.toLowerCase() === key.toLowerCase())
  )

/** The environment of a process to be started, put together without copying our own. */
import type * as Koffi from "koffi"
import * as Worker from "node:worker_threads"

/** Environments as `posix_spawn` takes them: a list of strings, or memory with the addresses of such. */
export type Environment = ReadonlyArray<string | null> | Memory

/** To be kept until the call is over: `strings` is what some of the addresses point into. */
export interface Memory {
  readonly addresses: BigUint64Array
  readonly strings: Buffer
}

export const isMemory = (environment: Environment): environment is Memory => "addresses" in environment

/**
 * Gives our environment with some variables set over it. To read a variable by `process.env` takes half a microsecond, to
 * list them as long as twenty of those: where it can be, the strings that the C library has are used as they are.
 */
export const make = (koffi: typeof Koffi) => {
  if (!Worker.isMainThread || koffi.sizeof("void *") !== 8 || !isGlibc(koffi)) return copied
  const ownNow = ownAddresses(koffi)
  // All plugins of an operation are told the same.
  const known = new Map<string, Memory>()
  let knownOwn: Own | undefined
  return (variables: Readonly<Record<string, string>>): Environment => {
    const own = ownNow()
    const { addresses, isOurs } = own
    if (Object.keys(variables).some(isOurs)) return copied(variables)
    if (own !== knownOwn || known.size >= mostKnown) known.clear()
    knownOwn = own
    const set = Object.entries(variables).map(([name, value]) => `${name}=${value}\0`)
    const text = set.join("")
    const made = known.get(text) ?? inMemory(koffi, addresses, set)
    known.set(text, made)
    return made
  }
}

// It never frees a variable that was replaced, so that another thread may still read it. Others do.
const isGlibc = (koffi: typeof Koffi): boolean => {
  try {
    return koffi.load(null).symbol("gnu_get_libc_version") !== undefined
  } catch {
    return false
  }
}

const copied = (variables: Readonly<Record<string, string>>): ReadonlyArray<string | null> => {
  const { env } = process
  const own = Object.keys(env).filter((name) => !Object.hasOwn(variables, name)).map((name) => `${name}=${env[name]}`)
  return [...own, ...Object.entries(variables).map(([name, value]) => `${name}=${value}`), null]
}

const inMemory = (
  koffi: typeof Koffi,
  own: BigUint64Array,
  set: ReadonlyArray<string>
): Memory => {
  const strings = Buffer.from(set.join(""))
  const addresses = new BigUint64Array(own.length + set.length + 1)
  addresses.set(own)
  let next = koffi.address(strings)
  for (const [at, text] of set.entries()) {
    addresses[own.length + at] = next
    next += BigInt(Buffer.byteLength(text))
  }
  return { addresses, strings }
}

/** Our variables: where their list begins, the addresses in it with and without the 0 that ends it, and their names. */
interface Own {
  readonly first: bigint
  readonly ended: BigUint64Array
  readonly addresses: BigUint64Array
  readonly isOurs: (name: string) => boolean
}

// To look at memory costs more than to compare it: what was seen last mostly still is there, where it was.
const ownAddresses = (koffi: typeof Koffi) => {
  const library = koffi.load(null)
  const environ: unknown = library.symbol("environ")
  const compare: (there: bigint, seen: BigUint64Array, bytes: number) => number = library.func(
    "int memcmp(void *, void *, size_t)"
  )
  const first = new BigUint64Array(koffi.view(environ, 8))
  let seen: Own | undefined
  return (): Own => {
    const [there = 0n] = first
    if (there === 0n) return nothing
    if (seen?.first === there && compare(there, seen.ended, seen.ended.byteLength) === 0) return seen
    const ended = addressesAt(koffi, there)
    const names = new Set(Object.keys(process.env))
    return seen = { first: there, ended, addresses: ended.subarray(0, -1), isOurs: (name) => names.has(name) }
  }
}

// What `clearenv` leaves.
const nothing: Own = {
  first: 0n,
  ended: new BigUint64Array(1),
  addresses: new BigUint64Array(),
  isOurs: () => false
}

// A list of addresses ends with 0. How long it is, is not known: no more is looked at than is surely there, page by page.
const addressesAt = (koffi: typeof Koffi, first: bigint): BigUint64Array => {
  for (let bytes = pageBytes - Number(first % BigInt(pageBytes));; bytes += pageBytes) {
    const addresses = new BigUint64Array(koffi.view(first, bytes))
    const end = addresses.indexOf(0n)
    if (end !== -1) return addresses.slice(0, end + 1)
  }
}

const mostKnown = 64

// The smallest page that there is.
const pageBytes = 4096

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
  const environ: unknown = koffi.load(null).symbol("environ")
  const isShared = Worker.isMainThread && koffi.sizeof("void *") === 8 && isGlibc(koffi)
  return (variables: Readonly<Record<string, string>>): Environment => {
    const names = Object.keys(variables)
    const isOurs = (name: string) => process.env[name] !== undefined
    return isShared && !names.some(isOurs) ? inMemory(koffi, environ, variables) : copied(variables)
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

const inMemory = (koffi: typeof Koffi, environ: unknown, variables: Readonly<Record<string, string>>): Memory => {
  const own = ownAddresses(koffi, environ)
  const set = Object.entries(variables).map(([name, value]) => `${name}=${value}\0`)
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

// A list of addresses ends with 0. How long it is, is not known: no more is looked at than is surely there, page by page.
const ownAddresses = (koffi: typeof Koffi, environ: unknown): BigUint64Array => {
  const [first = 0n] = new BigUint64Array(koffi.view(environ, 8))
  if (first === 0n) return new BigUint64Array()
  for (let bytes = pageBytes - Number(first % BigInt(pageBytes));; bytes += pageBytes) {
    const addresses = new BigUint64Array(koffi.view(first, bytes))
    const end = addresses.indexOf(0n)
    if (end !== -1) return addresses.subarray(0, end)
  }
}

// The smallest page that there is.
const pageBytes = 4096

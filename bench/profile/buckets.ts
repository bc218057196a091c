/** Puts every sample of a profile into a bucket. */
import type { CallNode, Profiled } from "./profiled.ts"

/** A sum of self time. */
export interface Share {
  readonly name: string
  readonly ms: number
}

// The first that fits a function's name and file; a function without a file belongs to the one that called it.
const buckets: ReadonlyArray<readonly [bucket: string, pattern: RegExp]> = [
  ["waiting (idle)", /^\(idle\)/],
  ["garbage collection", /^\(garbage collector\)/],
  ["the profiled program itself", /(profiled|operations)\.mjs|node:inspector/],
  [
    "start of processes",
    /^spawn .*(libc|child_process)|^\S* .*(posixSpawn|libc|reaper|launch|internal\/spawn)\.js/
  ],
  ["start of processes", /child_process/],
  ["locks", /([lL]ockFile|fairLock|NodeAttachmentLock|lockDirectory|networkLocks|lease)\.js/],
  ["file system", /node:(internal\/)?fs|syncFileSystem|platform-node.*FileSystem/],
  ["streams and pipes", /node:(net|stream|events|internal\/(stream|streams|js_stream|webstreams))/],
  ["JSON and Schema", /domain\/(Json|CacheEntry|JournalEntry)\.js|effect\/dist\/(internal\/schema|Schema)/],
  ["effect", /node_modules\/effect\/|platform-node/],
  ["this library: domain", /dist\/domain\//],
  ["this library: programs", /dist\/(programs|services)\//],
  ["this library: layers", /dist\/layers\//],
  ["Node: timers, ticks, promises", /node:/]
]

const describe = ({ callFrame: { functionName, lineNumber, url } }: CallNode): string =>
  `${functionName || "(anonymous)"} ${url === "" ? "" : `${url.split("/").slice(-3).join("/")}:${lineNumber + 1}`}`

/** Self time by bucket and by function, the most first. */
export const sharesOf = ({ nodes, samples, timeDeltas }: Profiled) => {
  const parents = new Map(nodes.flatMap((node) => node.children.map((child) => [child, node])))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const bucketOf = (node: CallNode): string => {
    const { functionName, url } = node.callFrame
    const found = buckets.find(([, pattern]) => pattern.test(`${functionName} ${url}`))
    if (found !== undefined) return found[0]
    const parent = parents.get(node.id)
    return url === "" && parent !== undefined ? bucketOf(parent) : "native and other"
  }
  const byBucket = new Map<string, number>()
  const byFunction = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id)
    if (node === undefined) continue
    const ms = (timeDeltas[index] ?? 0) / 1000
    add(byBucket, bucketOf(node), ms)
    add(byFunction, describe(node), ms)
  }
  return { buckets: sorted(byBucket), functions: sorted(byFunction) }
}

const add = (sums: Map<string, number>, name: string, ms: number) => sums.set(name, (sums.get(name) ?? 0) + ms)

const sorted = (sums: ReadonlyMap<string, number>): ReadonlyArray<Share> =>
  [...sums].map(([name, ms]) => ({ name, ms })).toSorted((a, b) => b.ms - a.ms)

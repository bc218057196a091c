/**
 * In which directory of the journal an entry is: one of 64, by its container, so that an operation, which is about one
 * container, lists few entries of others however many there are.
 */

/** The directory of a container's entries: two hex digits. */
export const shardOf = (containerId: string): string => {
  let hash = start
  for (let at = 0; at < containerId.length; at++) hash = next(hash, containerId.charCodeAt(at))
  return nameOf(hash)
}

/**
 * Where there may be an entry of that file name: network, container ID and interface may have hyphens in them, so that
 * attachments of different containers can have one name.
 */
export const shardsOf = (fileName: string): ReadonlySet<string> => {
  const shards = new Set<string>()
  // No file has a longer one, and each hyphen is looked at with all that follow.
  if (fileName.length > 255) return shards
  for (let from = fileName.indexOf("-"); from >= 0; from = fileName.indexOf("-", from + 1)) {
    let hash = start
    for (let at = from + 1; at < fileName.length; at++) {
      const code = fileName.charCodeAt(at)
      if (code === hyphen) shards.add(nameOf(hash))
      hash = next(hash, code)
    }
  }
  return shards
}

/** Whether a directory of the journal is one of those. */
export const isShard = (name: string): boolean => /^[0-3][\da-f]$/.test(name)

const hyphen = 0x2d

// FNV-1a, which is short and even enough: a caller that chooses IDs for one directory makes only its own lists longer.
const start = 0x811c9dc5
const next = (hash: number, code: number): number => Math.imul(hash ^ code, 0x01000193)
const nameOf = (hash: number): string =>
  names[(hash ^ (hash >>> 8) ^ (hash >>> 16) ^ (hash >>> 24)) & (count - 1)] ?? ""
const count = 64
const names = Array.from({ length: count }, (_, at) => at.toString(16).padStart(2, "0"))

/** What stands for a name in the name of a file, whatever is in it and however long it is. */
import * as Crypto from "node:crypto"

/** 32 hex digits; the same names are asked for again and again. */
export const digest = (name: string): string => {
  const known = digests.get(name)
  if (known !== undefined) return known
  if (digests.size >= 256) digests.clear()
  const made = Crypto.hash("sha256", name).slice(0, 32)
  digests.set(name, made)
  return made
}

const digests = new Map<string, string>()

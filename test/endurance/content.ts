/** What the plugins write: text of which every part tells where it is from. `plugin.c` makes the same. */

const period = 251

/** Longer than all that is ever compared. */
const all = Buffer.from(Array.from({ length: 512 * 1024 }, (_, at) => 97 + (((at % period) ** 2) % period) % 26))

/** So many bytes, from one of the first `period` on. */
export const content = (length: number, from: number): Buffer => all.subarray(from, from + length)

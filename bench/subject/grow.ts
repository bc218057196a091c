/** A host with much in memory, as programs have that do more than this. */
import { Buffer } from "node:buffer"

/** Takes memory, page by page, until the process is that large; it keeps it until it ends. */
export const grow = (targetMb: number, rssMb: () => number): void => {
  const ballast: Array<Buffer> = []
  while (rssMb() < targetMb) ballast.push(Buffer.alloc(64 * 1024, 1))
  // A reference keeps it from being collected.
  setInterval(() => ballast.length, 2 ** 30).unref()
}

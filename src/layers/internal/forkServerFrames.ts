/** What a runtime and its fork server tell each other: frames of a length, a kind, the number of a run, and bytes. */

/**
 * From the runtime: `environment` (for all that follow, of no run), `start` and `release`. From the server: `ready` (of no
 * run), and for each run `started` with a pid or `refused`, and then what becomes of it, as a `ProcessListener` hears it.
 */
const kinds = [
  "environment",
  "start",
  "release",
  "ready",
  "started",
  "refused",
  "stdout",
  "stderr",
  "exited",
  "draining",
  "closed"
] as const

export type Kind = typeof kinds[number]

export interface Frame {
  readonly kind: Kind
  readonly run: number
  readonly body: Buffer
}

/** The bytes of a frame; the run is a number of up to 32 bits. */
export const encode = (kind: Kind, run: number, body: Uint8Array | string = ""): Buffer => {
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength
  const bytes = Buffer.allocUnsafe(headerBytes + length)
  bytes.writeUInt32LE(length, 0)
  bytes.writeUInt8(kinds.indexOf(kind), 4)
  bytes.writeUInt32LE(run, 5)
  if (typeof body === "string") bytes.write(body, headerBytes)
  else bytes.set(body, headerBytes)
  return bytes
}

const headerBytes = 9

/** Takes bytes as they come, and gives on each frame that is whole. Throws where they are none. */
export const reader = (received: (frame: Frame) => void): (chunk: Buffer) => void => {
  let chunks: Array<Buffer> = []
  let size = 0
  let needed = headerBytes
  return (chunk) => {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size < needed) return
    let rest = chunks.length === 1 ? chunk : Buffer.concat(chunks)
    for (needed = neededBy(rest); rest.byteLength >= needed; needed = neededBy(rest)) {
      received(decode(rest.subarray(0, needed)))
      rest = rest.subarray(needed)
    }
    chunks = rest.byteLength === 0 ? [] : [rest]
    size = rest.byteLength
  }
}

const neededBy = (bytes: Buffer): number => {
  if (bytes.byteLength < headerBytes) return headerBytes
  const length = bytes.readUInt32LE(0)
  if (length > mostBytes) throw new Error(`no frame is of ${length} bytes`)
  return headerBytes + length
}

// What is no frame, such as words that somebody prints, mostly says that it is larger.
const mostBytes = 2 ** 30

const decode = (bytes: Buffer): Frame => {
  const kind = kinds[bytes.readUInt8(4)]
  if (kind === undefined) throw new Error(`no frame is of the kind ${bytes.readUInt8(4)}`)
  return { kind, run: bytes.readUInt32LE(5), body: bytes.subarray(headerBytes) }
}

/** Several texts as one; only the last may have a NUL in it. */
export const join = (texts: ReadonlyArray<string>): string => texts.join("\0")

/** The texts again, `count` of them. */
export const split = (body: Buffer, count: number): ReadonlyArray<string> => {
  const texts = body.toString().split("\0")
  return [...texts.slice(0, count - 1), texts.slice(count - 1).join("\0")]
}

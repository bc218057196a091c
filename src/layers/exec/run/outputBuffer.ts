/** Keeps what a process writes, up to a limit. */

/** What has come so far; `received` counts what was not kept as well. */
export interface OutputBuffer {
  readonly add: (chunk: Buffer) => void
  readonly content: () => Buffer
  readonly received: () => number
}

/** Keeps the beginning; `onOverflow` is told that there is more. */
export const headBuffer = (limit: number, onOverflow: () => void): OutputBuffer => {
  const chunks: Array<Buffer> = []
  let received = 0
  return {
    add: (chunk) => {
      if (received <= limit) chunks.push(chunk)
      received += chunk.byteLength
      if (received > limit) onOverflow()
    },
    content: () => Buffer.concat(chunks),
    received: () => received
  }
}

/** Keeps the end. */
export const tailBuffer = (limit: number): OutputBuffer => {
  const chunks: Array<Buffer> = []
  let received = 0
  let kept = 0
  return {
    add: (chunk) => {
      chunks.push(chunk)
      received += chunk.byteLength
      kept += chunk.byteLength
      for (let first = chunks[0]; first !== undefined && kept - first.byteLength >= limit; first = chunks[0]) {
        chunks.shift()
        kept -= first.byteLength
      }
    },
    content: () => Buffer.concat(chunks).subarray(-limit),
    received: () => received
  }
}

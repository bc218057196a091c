/** D27: JSON may be 16 MiB and 500 levels deep. */

/** Whether a text is beyond that. */
export const isTooMuch = (text: string): boolean => Buffer.byteLength(text) > maxBytes || depthOf(text) > maxDepth

const maxBytes = 16 * 1024 * 1024
const maxDepth = 500

const depthOf = (text: string): number => {
  const outside = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, "")
  let depth = 0
  let deepest = 0
  for (const char of outside) {
    if (char === "[" || char === "{") deepest = Math.max(deepest, ++depth)
    if (char === "]" || char === "}") depth--
  }
  return deepest
}

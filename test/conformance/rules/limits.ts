/** D27: JSON may be 16 MiB and 500 levels deep. D32: an integer may be written with a fraction or an exponent. */

/** Whether a text is beyond that. */
export const isTooMuch = (text: string): boolean => Buffer.byteLength(text) > maxBytes || depthOf(text) > maxDepth

/** Whether a record is: it has parts that may each be as deep as that, and its configuration in base64. */
export const isTooMuchOfARecord = (text: string): boolean =>
  Buffer.byteLength(text) > 4 * maxBytes || depthOf(text) > maxDepth + 2

const maxBytes = 16 * 1024 * 1024
const maxDepth = 500

const depthOf = (text: string): number => {
  const outside = withoutStrings(text)
  let depth = 0
  let deepest = 0
  for (const char of outside) {
    if (char === "[" || char === "{") deepest = Math.max(deepest, ++depth)
    if (char === "]" || char === "}") depth--
  }
  return deepest
}

const withoutStrings = (text: string): string => text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, "")

/** Whether a number in a text is an integer that Go would not take for one, by the way it is written. */
export const hasOddInteger = (text: string): boolean =>
  [...withoutStrings(text).matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)].some(([token]) =>
    /[.eE]/.test(token) && Number.isInteger(Number(token))
  )

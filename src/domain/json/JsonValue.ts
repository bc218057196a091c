/** JSON values, and how one is told from other values of JavaScript. */

/** A JSON value. Integers beyond 2^53 are `bigint`, all other numbers `number`. */
export type Json = null | boolean | number | bigint | string | ReadonlyArray<Json> | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** How many levels deep JSON may be nested, unless the caller says otherwise. */
export const defaultMaxDepth = 500

/** Whether a value is a JSON object: neither null, nor an array, nor a scalar. */
export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !isJsonArray(value)

/** Whether a value is a JSON array. (`Array.isArray` does not narrow readonly ones.) */
export const isJsonArray = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

/**
 * Whether a value from outside (a caller's object, say) can be written as JSON: plain objects, arrays and scalars,
 * finite numbers, no cycles, at most `maxDepth` levels.
 */
export const isJson = (value: unknown, maxDepth: number = defaultMaxDepth): value is Json => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true
    case "number":
    case "bigint":
      return Number.isFinite(Number(value))
    case "object":
      return value === null || (maxDepth > 0 && isJsonContainer(value, maxDepth - 1))
    default:
      return false
  }
}

const isJsonContainer = (value: object, maxDepth: number): boolean => {
  if (Array.isArray(value)) return value.every((item) => isJson(item, maxDepth))
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === null || prototype === Object.prototype) &&
    Object.values(value).every((item) => isJson(item, maxDepth))
}

/** Where the first number is that is too large to be one, such as `.routes[0].mtu`. */
export const pathToInfinite = (value: unknown): string | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : ""
  if (typeof value !== "object" || value === null) return undefined
  for (const [key, member] of Object.entries(value)) {
    const path = pathToInfinite(member)
    if (path !== undefined) return `${Array.isArray(value) ? `[${key}]` : `.${key}`}${path}`
  }
  return undefined
}

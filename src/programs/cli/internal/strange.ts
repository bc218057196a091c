/** Finds texts of a configuration that nobody meant to be there, though they are JSON. */
import { isJsonArray, isJsonObject, type Json } from "../../../domain/json/Json.ts"
import { nameOf } from "../../../domain/json/JsonMistake.ts"
import { templateIn } from "../../../domain/json/Template.ts"

/** A text, the place of the value that it is or is the key of, and what is strange about it. */
export interface Strange {
  readonly at: string
  readonly warning: string
}

/** Templates that nobody filled in, and characters that cannot be seen; in values and in keys. */
export const strangeIn = (json: Json, at = ""): ReadonlyArray<Strange> => {
  if (typeof json === "string") return inText(json, at)
  if (isJsonArray(json)) return json.flatMap((item, index) => strangeIn(item, `${at}[${index}]`))
  if (!isJsonObject(json)) return []
  return Object.entries(json).flatMap(([key, value]) => {
    const place = at === "" ? key : `${at}.${key}`
    return [...inText(key, place), ...strangeIn(value, place)]
  })
}

const inText = (text: string, at: string): ReadonlyArray<Strange> => {
  const template = templateIn(text)
  if (template !== undefined) return [{ at, warning: `${template} is a template that nobody filled in` }]
  if (text.includes("\uFFFD")) return [{ at, warning: "it has bytes in it that are no UTF-8: save the file as UTF-8" }]
  const [unseen] = /[^\p{L}\p{M}\p{N}\p{P}\p{S} \n\r\t]/u.exec(text) ?? []
  return unseen === undefined ? [] : [{ at, warning: `it has ${nameOf(unseen)} in it, which cannot be seen` }]
}

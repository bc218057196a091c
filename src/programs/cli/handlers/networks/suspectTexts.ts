/** Finds texts in a configuration that are valid JSON, but were left there by mistake. */
import { isJsonArray, isJsonObject, type Json } from "../../../../domain/json/Json.ts"
import { nameOf, templateIn } from "../../../../domain/json/JsonMistake.ts"

/** What is wrong with a text, and the place of the value that it is, or is the key of. */
export interface SuspectText {
  readonly at: string
  readonly warning: string
}

/** Templates that were not filled in, and characters that cannot be seen; in values and in keys. */
export const suspectTextsIn = (json: Json, at = ""): ReadonlyArray<SuspectText> => {
  if (typeof json === "string") return inText(json, at)
  if (isJsonArray(json)) return json.flatMap((item, index) => suspectTextsIn(item, `${at}[${index}]`))
  if (!isJsonObject(json)) return []
  return Object.entries(json).flatMap(([key, value]) => {
    const place = at === "" ? key : `${at}.${key}`
    return [...inText(key, place), ...suspectTextsIn(value, place)]
  })
}

const inText = (text: string, at: string): ReadonlyArray<SuspectText> => {
  const template = templateIn(text)
  if (template !== undefined) return [{ at, warning: `${template} is a template that was not filled in` }]
  if (text.includes("\uFFFD")) return [{ at, warning: "it has bytes in it that are no UTF-8: save the file as UTF-8" }]
  const [unseen] = /[^\p{L}\p{M}\p{N}\p{P}\p{S} \n\r\t]/u.exec(text) ?? []
  return unseen === undefined ? [] : [{ at, warning: `it has ${nameOf(unseen)} in it, which cannot be seen` }]
}

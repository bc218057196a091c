/** Times as people write them on a command line. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

const isUnit = (text: string): text is keyof typeof units => text in units

/** `500ms`, `1.5s`, `2m`, `1h`; nothing for all else, and for what is not longer than nothing. */
export const parseTimeout = (text: string): Option.Option<Duration.Duration> => {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const millis = isUnit(unit) ? Number(count) * units[unit] : 0
  return millis >= 1 && Number.isSafeInteger(Math.ceil(millis)) ? Option.some(Duration.millis(millis)) : Option.none()
}

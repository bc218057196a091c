/** Times as people say them. */

const units = [
  { name: "day", ms: 86_400_000, limit: Infinity },
  { name: "h", ms: 3_600_000, limit: 48 },
  { name: "min", ms: 60_000, limit: 120 },
  { name: "s", ms: 1000, limit: 120 }
] as const

/** How long ago something was, both in ms since 1970: `just now`, `3 min ago`, `5 days ago`. */
export const ago = (then: number, now: number): string => {
  const passed = now - then
  if (passed < -1000) return "in the future"
  if (passed < 1000) return "just now"
  const unit = units.findLast(({ limit, ms }) => Math.floor(passed / ms) < limit) ?? units[0]
  const count = Math.floor(passed / unit.ms)
  return `${count} ${unit.name}${unit.name === "day" && count > 1 ? "s" : ""} ago`
}

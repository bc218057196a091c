/** A race of plugins on a fresh host: two make the same chain of iptables at a time, and one of them fails. */
import { PluginError } from "./CniError.ts"

/**
 * Whether a plugin (firewall, portmap, bridge with `ipMasq`, …) failed because a chain that it was to make was there
 * already. Another plugin made the chain after this one had looked for it, so that the same ADD succeeds now.
 */
export const isChainRace = (error: unknown): boolean =>
  error instanceof PluginError && words.some((word) => word.test(`${error.msg}\n${error.details ?? ""}`))

// Of iptables-legacy, of iptables-nft, and of nft, which says the command that it refused before or after.
const words = [
  /tables(?: v[\d.]+(?: \(\w+\))?)?: Chain already exists/,
  /CHAIN(?:_USER)?_ADD failed \(File exists\)/,
  /Could not process rule: File exists[^]*\b(?:add|create) chain\b/,
  /\b(?:add|create) chain\b[^]*Could not process rule: File exists/
]

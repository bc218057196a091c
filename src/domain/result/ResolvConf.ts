/** What a result says of DNS, as the `resolv.conf` of those who are attached. */
import type { Dns } from "./CniResult.ts"

/** The file's text; nothing where no server is named. What could not stand in such a line is left out. */
export const fromDns = ({ domain = "", nameservers = [], options = [], search = [] }: Dns): string | undefined => {
  const servers = nameservers.filter(isWord)
  if (servers.length === 0) return undefined
  return [
    ...servers.map((server) => `nameserver ${server}`),
    ...line("domain", [domain]),
    ...line("search", search),
    ...line("options", options)
  ].map((text) => `${text}\n`).join("")
}

const line = (keyword: string, words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const usable = words.filter(isWord)
  return usable.length === 0 ? [] : [`${keyword} ${usable.join(" ")}`]
}

const isWord = (text: string): boolean => /^[!-~]+$/.test(text) && !/^[#;]/.test(text)

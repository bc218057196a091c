/** Describes one attachment with all that is stored of it. */
import * as Result from "effect/Result"
import type { JournalEntry } from "../../../../domain/attachment/JournalEntry.ts"
import { decodeText, type Json, type JsonObject, parseBytes, stringify } from "../../../../domain/json/Json.ts"
import type { CniResult } from "../../../../domain/result/CniResult.ts"
import { indented } from "../../../../domain/result/ResultText.ts"
import type { Directories } from "../../flags.ts"
import type { Node } from "../../text/layout.ts"
import type { Style } from "../../text/text.ts"
import { issuesOf, ownerOf, paintOf, sinceOf, stateOf } from "./attachmentText.ts"
import type { ListedAttachment } from "./listAttachments.ts"

/** What is stored of an attachment, decoded. */
export const storedIn = (one: ListedAttachment) => {
  const { entry, record } = one
  const { dns = {}, interfaces = [], routes = [] } = one.result ?? {}
  const args: ReadonlyArray<readonly [string, string]> = entry?.cniArgs ?? record?.cniArgs ?? []
  const capabilityArgs: JsonObject = entry?.capabilityArgs ?? record?.capabilityArgs ?? {}
  const result: Json = record?.result ?? entry?.result ?? null
  return {
    interfaces,
    routes,
    dns,
    args,
    capabilityArgs,
    result,
    config: configOf(one),
    ...(entry && { entry: summaryOf(entry) })
  }
}

/** The configuration and the result as they are stored, as texts with titles. */
export const storedTexts = (one: ListedAttachment): ReadonlyArray<readonly [title: string, text: string]> => {
  const { config, result } = storedIn(one)
  const { ifName, network } = one.key
  return [
    [
      `configuration of ${network} when ${ifName} was attached:`,
      typeof config === "string" ? config : indented(config)
    ],
    ...(result === null ? [] : [[`result for ${ifName}:`, indented(result)] as const])
  ]
}

const configOf = ({ entry, record }: ListedAttachment): Json => {
  if (record === undefined) return { cniVersion: entry?.cniVersion ?? "", plugins: entry?.plugins ?? [] }
  return Result.getOrElse(parseBytes(record.config), () => decodeText(record.config))
}

const summaryOf = ({ changed, done, id, owner, plugins, running, scoped, since, state }: JournalEntry): JsonObject => ({
  id,
  state,
  since,
  changed,
  scoped,
  pid: owner.pid,
  done,
  of: plugins.length,
  ...(running && { running: `${running.path} ${running.command}` })
})

/** The attachment as a tree, without the stored texts. */
export const detailsOf = (one: ListedAttachment, directories: Directories, style: Style, now: number): Node => {
  const { key, view } = one
  const { args, capabilityArgs } = storedIn(one)
  const lines = [
    ...(view.netns === undefined
      ? []
      : [`namespace ${view.netns}${view.namespace === "there" ? "" : `, ${view.namespace}`}`]),
    ...(one.result === undefined ? [] : resultLines(one.result)),
    ...args.map(([name, value]) => `argument ${name}=${value}`),
    ...Object.entries(capabilityArgs).map(([name, value]) => `capability ${name}: ${stringify(value)}`),
    `by ${ownerOf(view)}, ${sinceOf(view, now)}${view.since === undefined ? "" : ` (${view.since})`}`,
    ...progressOf(one),
    ...(view.record === undefined ? [] : [`record ${view.record}`]),
    ...(view.journal === undefined ? [] : [`journal ${view.journal}`])
  ]
  return {
    text: `${key.containerId} has ${key.ifName} on network ${key.network}: ${stateOf(view)}`,
    paint: paintOf(view, style),
    below: [
      ...issuesOf(view, directories).map(({ commands, text }) => ({
        text,
        paint: style.red,
        below: commands.map((command) => ({ text: command }))
      })),
      ...lines.map((text) => ({ text }))
    ]
  }
}

const progressOf = ({ entry }: ListedAttachment): ReadonlyArray<string> => {
  if (entry === undefined || entry.state === "attached") return []
  const running = entry.running === undefined ? "" : `, last started ${entry.running.path} ${entry.running.command}`
  return [`${entry.done} of ${entry.plugins.length} plugins had succeeded${running}`]
}

const resultLines = ({ dns, interfaces, ips, routes }: CniResult): ReadonlyArray<string> =>
  [
    ...ips.map(({ address, gateway, interface: index }) => [
      "address",
      address,
      ...labelled("on", index === undefined ? undefined : interfaces[index]?.name),
      ...labelled("gateway", gateway)
    ]),
    ...routes.map(({ dst, gw, mtu }) => ["route", dst, ...labelled("via", gw), ...labelled("mtu", mtu)]),
    ...interfaces.map(({ mac, name, sandbox }) => [
      "interface",
      name,
      ...labelled("mac", mac),
      sandbox === undefined ? "on the host" : `in ${sandbox}`
    ]),
    ...(dns.nameservers ?? []).map((server) => ["name server", server]),
    ...(dns.search ?? []).map((domain) => ["search domain", domain])
  ].map((words) => words.join(" "))

const labelled = (label: string, value: string | number | bigint | undefined): ReadonlyArray<string> =>
  value === undefined ? [] : [`${label} ${value}`]

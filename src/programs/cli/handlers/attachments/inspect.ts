/** Shows all that is stored about the attachments of one container. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { mayBelongTo } from "../../../../domain/attachment/AttachmentKey.ts"
import type { JournalEntry } from "../../../../domain/attachment/JournalEntry.ts"
import { ContainerUnknown } from "../../../../domain/errors/CommandError.ts"
import { decodeText, type Json, type JsonObject, parseBytes, stringify } from "../../../../domain/json/Json.ts"
import type { CniResult } from "../../../../domain/result/CniResult.ts"
import { indented } from "../../../../domain/result/ResultText.ts"
import { handler, operating } from "../../call/handler.ts"
import type { Directories } from "../../flags.ts"
import { type Node, tree } from "../../text/layout.ts"
import {
  escapeControls,
  escapeControlsInLines,
  labelledLines,
  stdoutStyle,
  type Style,
  textOfLines
} from "../../text/text.ts"
import { issuesOf, ownerOf, paintOf, sinceOf, stateOf } from "./attachmentText.ts"
import { listAttachments, type ListedAttachment } from "./listAttachments.ts"

export const inspect = handler("inspect", operating, function*({ id }: { readonly id: string }, call) {
  const { listed, view } = yield* listAttachments
  const isDamaged = view.unreadable.some(ofContainer(id))
  const containerId = isDamaged ? id : yield* containerOf(id, listed)
  const own = listed.filter(({ key }) => key.containerId === containerId)
  const unreadable = view.unreadable.filter(ofContainer(containerId))
  const now = yield* Clock.currentTimeMillis
  const style = yield* stdoutStyle
  const parts = [
    tree(own.map((one) => detailsOf(one, call, style, now)), undefined),
    ...own.flatMap(storedTexts).map(([title, text]) => [
      style.bold(escapeControls(title)),
      escapeControlsInLines(text)
    ]),
    unreadable.flatMap(({ file, issue }) => labelledLines(file, style.red, `cannot be read: ${issue}`, style.width))
  ]
  return {
    result: { containerId, attachments: own.map((one) => ({ ...one.view, ...storedIn(one) })), unreadable },
    text: parts.filter((lines) => lines.length > 0).map(textOfLines).join("\n")
  }
})

// An unreadable file has only its name to go by.
const ofContainer = (containerId: string) => ({ file }: { readonly file: string }): boolean =>
  mayBelongTo(containerId)(file.slice(file.lastIndexOf("/") + 1))

/** The container of that ID, or the only one whose ID begins with it. */
const containerOf = Effect.fnUntraced(function*(id: string, listed: ReadonlyArray<ListedAttachment>) {
  const ids = [...new Set(listed.map(({ key }) => key.containerId))]
  if (ids.includes(id)) return id
  const [only, ...others] = ids.filter((one) => one.startsWith(id))
  if (only !== undefined && others.length === 0) return only
  const isAmbiguous = only !== undefined
  return yield* new ContainerUnknown({ containerId: id, isAmbiguous, known: isAmbiguous ? [only, ...others] : ids })
})

/** What is stored of an attachment, decoded. */
const storedIn = (one: ListedAttachment) => {
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
const storedTexts = (one: ListedAttachment): ReadonlyArray<readonly [title: string, text: string]> => {
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
const detailsOf = (one: ListedAttachment, directories: Directories, style: Style, now: number): Node => {
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

/** What to do about an error, in lines for a person, and the facts about the host that this depends on. */
import * as Effect from "effect/Effect"
import { of as keyOf } from "../../../domain/attachment/AttachmentKey.ts"
import { similarTo } from "../../../domain/config/ConfigParsing.ts"
import type { AttachmentExists, PluginError, PluginNotFound } from "../../../domain/errors/CniError.ts"
import type { ContainerUnknown, NamespaceFailed } from "../../../domain/errors/CommandError.ts"
import { shellWord } from "../../../domain/errors/GoWording.ts"
import { templateIn } from "../../../domain/json/JsonSyntaxMistake.ts"
import { CommandHost } from "../../../services/command/CommandHost.ts"
import { type InstalledPlugin, PluginDiscovery } from "../../../services/plugin/PluginDiscovery.ts"
import type { Directories } from "../flags.ts"
import { caretLines } from "../text/text.ts"
import { partsOf, type ReportableError } from "./failure.ts"
import { attachmentsOf, delOf, leftBehind, toRun } from "./suggestedCommands.ts"

/**
 * What advice depends on: the user's ID, the plugins of the directories that were searched, those of the usual ones that
 * were not, and the directories that the call names.
 */
export interface Facts {
  readonly userId: number | undefined
  readonly searched: ReadonlyArray<InstalledPlugin>
  readonly elsewhere: ReadonlyArray<InstalledPlugin>
  readonly directories: Directories
}

type Lines = ReadonlyArray<string>

/** The advice on an error, and on those that it consists of; nothing where the message says all. */
export const advise = (error: ReportableError, facts: Facts): Lines => [
  ...new Set(partsOf(error).flatMap((part) => [...adviceOn(part, facts), ...permission(part, facts)]))
]

const adviceOn = (error: ReportableError, facts: Facts): Lines => {
  switch (error._tag) {
    case "PluginNotFound":
      return missingPlugin(error, facts)
    case "NetworkNotFound":
      return similarLine(error.network, error.known)
    case "NoNetworkConfigs":
      return ["or name another directory: --conf-dir DIR, or NETCONFPATH=DIR"]
    case "ConfigInvalid":
      return error.position === undefined ? [] : caretLines(error.position)
    case "PluginError":
      return [...missingNamespace(error.msg), ...unfilledTemplate(error)]
    case "AttachmentExists":
      return existingAttachment(error, facts)
    case "AttachedElsewhere":
      return toRun("to detach that one", delOf({ ...keyOf(error), network: error.existing }, facts.directories))
    case "RollbackFailed":
    case "DetachIncomplete":
      return leftBehind(error, facts.directories)
    case "NotAttached":
      return toRun("to see what is attached", attachmentsOf(facts.directories))
    case "UsageError":
      return [`usage: ${error.usage}`, ...(error.help ?? []), ...toRun("to see more", "effect-cni --help")]
    case "NoKeepSet":
      return keepSet(error.stale)
    case "NamespaceFailed":
      return namespacePermission(error, facts)
    case "ContainerUnknown":
      return similarContainers(error, facts)
    case "InvalidVariable":
      return error.variable === "CNI_ARGS" ? ["write it like CNI_ARGS='KEY=VALUE;KEY=VALUE'"] : []
    default:
      return []
  }
}

const missingPlugin = ({ plugin, searched }: PluginNotFound, facts: Facts): Lines => {
  const there = facts.elsewhere.find(({ type }) => type === plugin)
  if (there !== undefined) {
    const directory = there.path.slice(0, -plugin.length - 1)
    const searchPath = shellWord([...searched, directory].join(":"))
    return [`it is in ${directory}: add --plugin-dir ${shellWord(directory)}, or CNI_PATH=${searchPath}`]
  }
  return [
    ...(searched.length === 0 ? ["say where plugins are: --plugin-dir DIR, or CNI_PATH=DIR:DIR"] : []),
    ...similarLine(plugin, [...facts.searched, ...facts.elsewhere].map(({ type }) => type)),
    ...(reference.has(plugin) ? packages : [])
  ]
}

const reference: ReadonlySet<string> = new Set(
  ("bandwidth bridge dhcp dummy firewall host-device host-local ipvlan loopback macvlan portmap ptp sbr static tap " +
    "tuning vlan vrf").split(" ")
)

/** Whether a type is the name of a plugin that the CNI project itself releases. */
export const isReference = (type: string): boolean => reference.has(type)

const packages = [
  "Debian, Ubuntu: apt install containernetworking-plugins, which puts it into /usr/lib/cni",
  "Fedora: dnf install containernetworking-plugins, which puts it into /usr/libexec/cni",
  "elsewhere: unpack a release of github.com/containernetworking/plugins into /opt/cni/bin"
]

const similarLine = (name: string, names: Lines): Lines => {
  const similar = similarTo(name, names)
  return similar.length === 0 ? [] : [`did you mean ${similar.map((one) => `"${one}"`).join(" or ")}?`]
}

const similarContainers = ({ containerId, isAmbiguous, known }: ContainerUnknown, { directories }: Facts): Lines => {
  if (isAmbiguous) return known.slice(0, 10)
  const similar = similarLine(containerId, known)
  return similar.length > 0 ? similar : toRun("to see what is attached", attachmentsOf(directories))
}

const existingAttachment = (
  { containerId, existing, ifName, state }: AttachmentExists,
  { directories }: Facts
): Lines => {
  const key = { network: existing, containerId, ifName }
  return state === "attached" ? toRun("to detach it", delOf(key, directories)) : leftBehind(key, directories)
}

const unfilledTemplate = ({ details = "", msg }: PluginError): Lines => {
  const template = templateIn(`${msg} ${details}`)
  return template === undefined
    ? []
    : [`${template} is a template that was not filled in: look for it in the configuration, CNI_ARGS and CAP_ARGS`]
}

const missingNamespace = (msg: string): Lines => {
  const [, path] = /failed to Statfs "([^"]+)": no such file or directory/.exec(msg) ?? []
  if (path === undefined) return []
  const [, name] = /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(path) ?? []
  return name === undefined
    ? [`there is no network namespace ${path}`]
    : toRun(`there is no network namespace ${path}; to make one`, `ip netns add ${shellWord(name)}`)
}

const namespacePermission = ({ reason }: NamespaceFailed, { userId }: Facts): Lines => {
  if (reason === "NoIp") return ["install iproute2, which has it: apt install iproute2, or dnf install iproute"]
  if (reason !== "NotPermitted" || userId !== 0) return []
  return [
    "you are root, but may not mount or make namespaces: inside a container, that takes CAP_SYS_ADMIN (--privileged)"
  ]
}

const keepSet = (stale: ReadonlyArray<{ readonly containerId: string; readonly ifName: string }>): Lines => [
  ...(stale.length === 0 ? ["nothing is attached that it would delete"] : ["without any --keep it would delete"]),
  ...stale.slice(0, maxStale).map(({ containerId, ifName }) => `  ${containerId}:${ifName}`),
  ...(stale.length > maxStale ? [`  and ${stale.length - maxStale} more`] : []),
  "say what is in use: --keep ID:IFNAME, as often as you need; or that nothing is: --all"
]

const maxStale = 100

const permission = (error: ReportableError, { userId }: Facts): Lines => {
  if (userId === undefined || userId === 0) return []
  const text = "msg" in error ? error.msg : error.message
  if (!/operation not permitted|permission ?denied|EACCES|EPERM/i.test(text)) return []
  return [
    `you are user ${userId}: run it as root (with sudo -E). It needs CAP_NET_ADMIN and CAP_SYS_ADMIN for the`,
    "plugins, and write access to the directory of records (--cache-dir)"
  ]
}

/** The facts for advice on some errors, in a call with some directories that looks for plugins in `pluginPaths`. */
export const factsFor = Effect.fnUntraced(function*(
  errors: ReadonlyArray<ReportableError>,
  directories: Directories,
  pluginPaths: ReadonlyArray<string>
): Effect.fn.Return<Facts, never, CommandHost> {
  const userId = yield* (yield* CommandHost).userId
  const isMissing = errors.flatMap(partsOf).some(({ _tag }) => _tag === "PluginNotFound")
  return { userId, directories, ...(isMissing ? yield* pluginsAround(pluginPaths) : { searched: [], elsewhere: [] }) }
})

/** The plugins of the directories that are searched, and those of the usual directories that are not. */
export const pluginsAround = Effect.fnUntraced(function*(searched: ReadonlyArray<string>) {
  return {
    searched: yield* installedIn(searched),
    elsewhere: yield* installedIn(usual.filter((directory) => !searched.includes(directory)))
  }
})

/** Where Debian, Fedora and the releases put plugins. */
const usual = ["/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin"]

const installedIn = Effect.fnUntraced(function*(pluginPaths: ReadonlyArray<string>) {
  const { asking } = yield* CommandHost
  return yield* Effect.provide(
    Effect.flatMap(PluginDiscovery, ({ installed }) => installed),
    asking({ confDir: "", cacheDir: "", pluginPaths })
  )
})

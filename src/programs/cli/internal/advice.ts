/** What to do about an error, in lines for a person. */
import { type AttachmentKey, of as keyOf } from "../../../domain/attachment/AttachmentKey.ts"
import { similarTo } from "../../../domain/config/SimilarNames.ts"
import type { AttachmentExists, ConfigInvalid, PluginError, PluginNotFound } from "../../../domain/errors/CniError.ts"
import type { CommandError, ContainerUnknown, NamespaceFailed } from "../../../domain/errors/CommandError.ts"
import { shellWord } from "../../../domain/errors/Quoting.ts"
import { templateIn } from "../../../domain/json/Template.ts"
import type { InstalledPlugin } from "../../../services/plugin/PluginDiscovery.ts"
import { abandonOf, attachmentsOf, delOf, type Directories, recoverOf, toRun } from "./commands.ts"
import type { OperationError } from "./failure.ts"
import { pointer } from "./pointer.ts"

/** Who we are, the plugins that were searched and those in directories that were not, and where the call works. */
export interface Facts {
  readonly userId: number | undefined
  readonly searched: ReadonlyArray<InstalledPlugin>
  readonly elsewhere: ReadonlyArray<InstalledPlugin>
  readonly directories: Directories
}

type Advised = OperationError | CommandError
type Lines = ReadonlyArray<string>

/** Help with an error, and with those that it consists of; nothing where its message says all. */
export const advise = (error: Advised, facts: Facts): Lines => [
  ...new Set(parts(error).flatMap((part) => [...adviceOn(part, facts), ...permission(part, facts)]))
]

/** Whether help with an error takes knowing which plugins there are. */
export const needsPlugins = (error: Advised): boolean => parts(error).some(({ _tag }) => _tag === "PluginNotFound")

const parts = (error: Advised): ReadonlyArray<Advised> => {
  switch (error._tag) {
    case "NetworkInvalid":
      return error.failures
    case "DetachIncomplete":
    case "AttachmentExists":
      return [...error.failures, error]
    case "RollbackFailed":
      return [...(error.cause === undefined ? [] : [error.cause]), ...error.failures, error]
    case "GcIncomplete":
      return error.failures.map((failure) => failure.error)
    default:
      return [error]
  }
}

const adviceOn = (error: Advised, facts: Facts): Lines => {
  switch (error._tag) {
    case "PluginNotFound":
      return missingPlugin(error, facts)
    case "NetworkNotFound":
      return similarLine(error.network, error.known)
    case "NoNetworkConfigs":
      return ["or name another directory: --conf-dir DIR, or NETCONFPATH=DIR"]
    case "ConfigInvalid":
      return caret(error)
    case "PluginError":
      return [...missingNamespace(error.msg), ...unfilled(error)]
    case "AttachmentExists":
      return existing(error, facts)
    case "AttachedElsewhere":
      return toRun("to detach that one", delOf({ ...keyOf(error), network: error.existing }, facts.directories))
    case "RollbackFailed":
    case "DetachIncomplete":
      return leftBehind(error, facts)
    case "NotAttached":
      return toRun("to see what is attached", attachmentsOf(facts.directories))
    case "UsageError":
      return [`usage: ${error.usage}`, ...(error.help ?? []), ...toRun("to see more", "effect-cni --help")]
    case "NoKeepSet":
      return keepSet(error.stale)
    case "NamespaceFailed":
      return namespaces(error, facts)
    case "ContainerUnknown":
      return otherContainers(error, facts)
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
    ...(reference.has(plugin) ? provided : [])
  ]
}

const reference: ReadonlySet<string> = new Set(
  ("bandwidth bridge dhcp dummy firewall host-device host-local ipvlan loopback macvlan portmap ptp sbr static tap " +
    "tuning vlan vrf").split(" ")
)

/** Whether a type is the name of a plugin that the CNI project itself releases. */
export const isReference = (type: string): boolean => reference.has(type)

const provided = [
  "Debian, Ubuntu: apt install containernetworking-plugins, which puts it into /usr/lib/cni",
  "Fedora: dnf install containernetworking-plugins, which puts it into /usr/libexec/cni",
  "elsewhere: unpack a release of github.com/containernetworking/plugins into /opt/cni/bin"
]

const similarLine = (name: string, names: Lines): Lines => {
  const similar = similarTo(name, names)
  return similar.length === 0 ? [] : [`did you mean ${similar.map((one) => `"${one}"`).join(" or ")}?`]
}

const caret = ({ position }: ConfigInvalid): Lines => position === undefined ? [] : pointer(position)

const otherContainers = ({ containerId, isAmbiguous, known }: ContainerUnknown, { directories }: Facts): Lines => {
  if (isAmbiguous) return known.slice(0, 10)
  const similar = similarLine(containerId, known)
  return similar.length > 0 ? similar : toRun("to see what is attached", attachmentsOf(directories))
}

const existing = ({ containerId, existing, ifName, state }: AttachmentExists, { directories }: Facts): Lines => {
  const key = { network: existing, containerId, ifName }
  return state === "attached" ? toRun("to detach it", delOf(key, directories)) : leftBehind(key, { directories })
}

const leftBehind = (key: AttachmentKey, { directories }: Pick<Facts, "directories">): Lines => [
  ...toRun("when its plugins work again", recoverOf(directories)),
  ...toRun("to forget it, when they never will", abandonOf(key, directories))
]

const unfilled = ({ details = "", msg }: PluginError): Lines => {
  const template = templateIn(`${msg} ${details}`)
  return template === undefined
    ? []
    : [`${template} is a template that nobody filled in: look for it in the configuration, CNI_ARGS and CAP_ARGS`]
}

const missingNamespace = (msg: string): Lines => {
  const [, path] = /failed to Statfs "([^"]+)": no such file or directory/.exec(msg) ?? []
  if (path === undefined) return []
  const [, name] = /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(path) ?? []
  return name === undefined
    ? [`there is no network namespace ${path}`]
    : toRun(`there is no network namespace ${path}; to make one`, `ip netns add ${shellWord(name)}`)
}

const namespaces = ({ reason }: NamespaceFailed, { userId }: Facts): Lines => {
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

const permission = (error: Advised, { userId }: Facts): Lines => {
  if (userId === undefined || userId === 0) return []
  const text = "msg" in error ? error.msg : error.message
  if (!/operation not permitted|permission ?denied|EACCES|EPERM/i.test(text)) return []
  return [
    `you are user ${userId}: run it as root (with sudo -E). It needs CAP_NET_ADMIN and CAP_SYS_ADMIN for the`,
    "plugins, and write access to the directory of records (--cache-dir)"
  ]
}

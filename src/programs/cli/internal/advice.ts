/** What to do about an error, in lines for a person. */
import type { ConfigInvalid, PluginNotFound } from "../../../domain/CniError.ts"
import type { CommandError, ContainerUnknown, NamespaceFailed } from "../../../domain/CommandError.ts"
import { similarTo } from "../../../domain/SimilarNames.ts"
import type { InstalledPlugin } from "../../../services/PluginDiscovery.ts"
import type { OperationError } from "./failure.ts"
import { pointer } from "./pointer.ts"

/** What is known of the host: who we are, the plugins that were searched, and those in directories that were not. */
export interface Facts {
  readonly userId: number | undefined
  readonly searched: ReadonlyArray<InstalledPlugin>
  readonly elsewhere: ReadonlyArray<InstalledPlugin>
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
    case "DetachIncomplete":
      return error.failures
    case "AttachmentExists":
      return [error, ...error.failures]
    case "RollbackFailed":
      return [...(error.cause === undefined ? [] : [error.cause]), ...error.failures]
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
      return [...caret(error), ...listByName(error)]
    case "PluginError":
      return missingNamespace(error.msg)
    case "UsageError":
      return [`usage: ${error.usage}`, "more: effect-cni --help"]
    case "NoKeepSet":
      return keepSet(error.stale)
    case "NamespaceFailed":
      return namespaces(error, facts)
    case "ContainerUnknown":
      return otherContainers(error)
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
    return [`it is in ${directory}: add --plugin-dir ${directory}, or CNI_PATH=${[...searched, directory].join(":")}`]
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

const caret = ({ file, position }: ConfigInvalid): Lines =>
  position === undefined
    ? []
    : [`${file ?? "configuration"}, line ${position.line}, column ${position.column}:`, ...pointer(position)]

const otherContainers = ({ containerId, isAmbiguous, known }: ContainerUnknown): Lines => {
  if (isAmbiguous) return known.slice(0, 10)
  const similar = similarLine(containerId, known)
  return similar.length > 0
    ? similar
    : ["effect-cni attachments shows what is attached; --cache-dir says where to look"]
}

const listByName = ({ at, kind }: ConfigInvalid): Lines =>
  kind === "plugin" && at === "type"
    ? ["a network with several plugins is a list: name its file .conflist, and put them into \"plugins\""]
    : []

const missingNamespace = (msg: string): Lines => {
  const [, path] = /failed to Statfs "([^"]+)": no such file or directory/.exec(msg) ?? []
  if (path === undefined) return []
  const [, name = "NAME"] = /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(path) ?? []
  return [`there is no network namespace ${path}: ip netns add ${name} makes /run/netns/${name}`]
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
  ...stale.map(({ containerId, ifName }) => `  ${containerId}:${ifName}`),
  "say what is in use: --keep ID:IFNAME, as often as you need; or that nothing is: --all"
]

const permission = (error: Advised, { userId }: Facts): Lines => {
  if (userId === undefined || userId === 0) return []
  const text = "msg" in error ? error.msg : error.message
  if (!/operation not permitted|permission ?denied|EACCES|EPERM/i.test(text)) return []
  return [
    `you are user ${userId}: run it as root (sudo -E effect-cni …). It needs CAP_NET_ADMIN and CAP_SYS_ADMIN for the`,
    "plugins, and write access to the directory of records (--cache-dir)"
  ]
}

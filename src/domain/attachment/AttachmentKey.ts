/** What tells one attachment from another on a host, and the name of the file that runtimes agree to keep it in. */

/** An attachment's identity in the cache. */
export interface AttachmentKey {
  readonly network: string
  readonly containerId: string
  readonly ifName: string
}

/** The name of the cache file. Not unique: `a-b` + `c` and `a` + `b-c` share one, so compare what the file says. */
export const fileName = ({ containerId, ifName, network }: AttachmentKey): string =>
  `${network}-${containerId}-${ifName}`

/** Whether a file name stays inside its directory; keys are validated long before, this is the last line. */
export const isSafeFileName = (name: string): boolean => !/[/\\\0]/.test(name)

/** The key alone of what has more. */
export const of = ({ containerId, ifName, network }: AttachmentKey): AttachmentKey => ({ network, containerId, ifName })

/** Whether two keys are the same attachment. */
export const equals = (left: AttachmentKey, right: AttachmentKey): boolean =>
  left.network === right.network && left.containerId === right.containerId && left.ifName === right.ifName

/** Whether a key has each member that another one names. An empty member names nothing: runtimes of old left some out. */
export const agrees = (named: AttachmentKey, key: AttachmentKey): boolean =>
  isNamedAs(named.network, key.network) && isNamedAs(named.containerId, key.containerId) &&
  isNamedAs(named.ifName, key.ifName)

const isNamedAs = (named: string, member: string): boolean => named === "" || named === member

/** Whether no member of a key is empty. */
export const isWhole = ({ containerId, ifName, network }: AttachmentKey): boolean =>
  network !== "" && containerId !== "" && ifName !== ""

/** The keys with a file name that have each member that another one names. There can be several: see {@link fileName}. */
export const ofFileName = (name: string, named: AttachmentKey): ReadonlyArray<AttachmentKey> => {
  const parts = name.split("-")
  const joined = (from: number, to: number) => parts.slice(from, to).join("-")
  return parts.flatMap((_, second) =>
    parts.slice(0, second).map((_, first) => ({
      network: joined(0, first),
      containerId: joined(first, second),
      ifName: joined(second, parts.length)
    }))
  ).filter((key) => isWhole(key) && agrees(named, key))
}

/** Whether a file of that name can be an attachment of a container: which one of those it is, only its content says. */
export const mayBelongTo = (containerId: string): (name: string) => boolean => {
  const middle = `-${containerId}-`
  return (name) => {
    const at = name.indexOf(middle)
    return at > 0 && at + middle.length < name.length
  }
}

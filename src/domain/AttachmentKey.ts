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

/** Whether a file of that name can be an attachment of a container: which one of those it is, only its content says. */
export const mayBelongTo = (containerId: string): (name: string) => boolean => {
  const middle = `-${containerId}-`
  return (name) => {
    const at = name.indexOf(middle)
    return at > 0 && at + middle.length < name.length
  }
}

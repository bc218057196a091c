/** A plugin as a real executable that writes down when it starts and ends, and allocates a file in between. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { writePlugin } from "../support/directory.ts"

/** The directories of a host of a test's own. */
export interface Host {
  readonly directory: string
  readonly bin: string
  readonly cache: string
  readonly allocations: string
  readonly log: string
}

/** Writes a plugin for each network, which is how it knows which one it works for. */
export const makeHost = (directory: string, networks: ReadonlyArray<string>): Host => {
  const host: Host = {
    directory,
    bin: Path.join(directory, "bin"),
    cache: Path.join(directory, "cache"),
    allocations: Path.join(directory, "allocations"),
    log: Path.join(directory, "log")
  }
  Fs.mkdirSync(host.allocations)
  Fs.writeFileSync(host.log, "")
  for (const network of networks) writePlugin(host.bin, network, script(host, network))
  return host
}

// One write for each line: the kernel puts lines of many writers one after the other.
const script = ({ allocations, log }: Host, network: string): string => `
what="$CNI_COMMAND ${network} $CNI_CONTAINERID $WORKER"
echo "start $what" >> '${log}'
case $CNI_COMMAND in
ADD) : > "${allocations}/${network} $CNI_CONTAINERID" ;;
DEL) rm -f "${allocations}/${network} $CNI_CONTAINERID" ;;
esac
echo "end $what" >> '${log}'
[ "$CNI_COMMAND" != ADD ] || echo '{"cniVersion":"1.1.0"}'
`

/** One run of a plugin, between two lines of the log. */
interface Run {
  readonly command: string
  readonly network: string
  readonly containerId: string
  readonly worker: string
}

const parse = (line: string) => {
  const [when = "", command = "", network = "", containerId = "", worker = ""] = line.split(" ")
  const run: Run = { command, network, containerId: command === "GC" ? "" : containerId, worker: worker || containerId }
  return { when, run }
}

/** Runs that were at work at the same time and may not be: two of one container, or one beside a GC of its network. */
export const overlaps = (log: string): ReadonlyArray<string> => {
  const running = new Map<string, Run>()
  return log.trimEnd().split("\n").flatMap((line, at) => {
    const { run, when } = parse(line)
    const name = JSON.stringify(run)
    if (when === "end") {
      running.delete(name)
      return []
    }
    const rivals = [...running.values()].filter((other) => areRivals(run, other))
    running.set(name, run)
    return rivals.map((other) => `line ${at + 1}: ${line}, while ${JSON.stringify(other)}`)
  })
}

const areRivals = (left: Run, right: Run): boolean =>
  (left.containerId !== "" && left.containerId === right.containerId) ||
  (left.network === right.network && left.worker !== right.worker && (isCollector(left) || isCollector(right)))

const isCollector = ({ worker }: Run): boolean => worker === "gc"

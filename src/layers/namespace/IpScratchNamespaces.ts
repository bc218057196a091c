/** Network namespaces by `ip netns`, under names in `/run/netns`, where people and their tools look for them. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { NamespaceFailed, ProgramUnusable } from "../../domain/errors/CommandError.ts"
import { messageOf, orElse } from "../../domain/errors/SystemError.ts"
import { type ScratchNamespace, ScratchNamespaces } from "../../services/network/ScratchNamespaces.ts"
import { identify } from "../files/openFile.ts"
import { runInForeground } from "../process/foreground.ts"
import { isRunning, startTimeOf } from "../process/processIdentity.ts"
import { endAll, ip } from "./ipCommand.ts"

/**
 * Their names say for which cache they were made, and only what was made for `cacheDir` is swept. `ip netns exec` becomes the
 * command, so that its exit status is the command's own, and lays the files of
 * `/etc/netns/<name>` over those of `/etc`.
 */
export const layer = (cacheDir: string): Layer.Layer<ScratchNamespaces> =>
  Layer.sync(ScratchNamespaces, () =>
    ScratchNamespaces.of({
      make: Effect.acquireRelease(add(cacheDir), (namespace) =>
        Effect.catch(remove(namespace), ({ message }) =>
          Effect.logError(`${message}. Remove it: ip netns delete ${namespace.name}`)))
        .pipe(Effect.tap(({ name }) =>
          ip({ operation: "prepare", namespace: name }, "-n", name, "link", "set", "lo", "up")
        )),
      resolveBy: ({ name }, resolvConf) =>
        onFiles({ operation: "prepare", namespace: name }, () => {
          Fs.mkdirSync(filesOf(name), { recursive: true })
          Fs.writeFileSync(Path.join(filesOf(name), "resolv.conf"), resolvConf)
        }),
      find: (program) =>
        Effect.suspend(() =>
          unusable(program) ?? Effect.void
        ),
      run: ({ name }, program, args) => runInForeground("ip", ["netns", "exec", name, program, ...args]),
      sweep: Effect.fnUntraced(function*(keep) {
        const left = (yield* names).map(named).filter(({ name, path }) => isLeft(name, cacheDir) && !keep.has(path))
        const [removed, failing] = yield* Effect.partition(left, (namespace) =>
          Effect.as(remove(namespace), namespace.name))
        return { removed, failing }
      })
    }))

const directory = "/run/netns"
const filesOf = (name: string): string => Path.join("/etc/netns", name)

const named = (name: string): ScratchNamespace => ({ name, path: Path.join(directory, name) })

const add = (cacheDir: string) =>
  Effect.suspend(() => {
    const namespace = named(newName(cacheDir))
    const about = { operation: "make", namespace: namespace.name } as const
    return Effect.as(ip(about, "netns", "add", namespace.name), namespace)
  })

const remove = Effect.fnUntraced(function*({ name, path }: ScratchNamespace) {
  const about = { operation: "remove", namespace: name } as const
  yield* endAll(path)
  // Another process may have removed it at the same time.
  yield* Effect.catch(ip(about, "netns", "delete", name), (error) => Fs.existsSync(path) ? error : Effect.void)
  yield* onFiles(about, () => Fs.rmSync(filesOf(name), { recursive: true, force: true }))
}, Effect.uninterruptible)

const names = Effect.suspend(() =>
  onFiles({ operation: "list", namespace: "" }, () => Fs.existsSync(directory) ? Fs.readdirSync(directory) : [])
)

const onFiles = <A>(about: Pick<NamespaceFailed, "operation" | "namespace">, work: () => A) =>
  Effect.try({
    try: work,
    catch: (error) => {
      const detail = messageOf(error)
      const reason = /EPERM|EACCES/.test(detail) ? "NotPermitted" : "Other"
      return new NamespaceFailed({ ...about, reason, detail })
    }
  })

/** A new name: our pid and when we were started, the namespaces in which these hold, the cache, and something random. */
export const newName = (cacheDir: string): string => {
  const random = Crypto.randomBytes(3).toString("hex")
  return `${prefix}${process.pid}-${startTimeOf(process.pid)}-${namespaces()}-${digestOf(cacheDir)}-${random}`
}

/** Whether a namespace was made for that cache by a process that is dead. Of processes that we cannot see, none is. */
export const isLeft = (name: string, cacheDir: string): boolean => {
  const [, pid = "", startTime = "", seenIn, cache] = pattern.exec(name) ?? []
  return pid !== "" && seenIn === namespaces() && cache === digestOf(cacheDir) && !isRunning(Number(pid), startTime)
}

const prefix = "effect-cni-exec-"
const pattern = new RegExp(`^${prefix}(\\d+)-(\\d+)-(\\d+-\\d+)-([0-9a-f]{12})-[0-9a-f]{6}$`)

// A pid means another process in another pid namespace, and a time another moment in another time namespace.
const namespaces = (): string => `${inodeOf("pid")}-${inodeOf("time")}`

// Kernels before 5.6 have no time namespaces.
const inodeOf = (kind: string): string => identify(`/proc/self/ns/${kind}`)?.inode ?? "0"

const digestOf = (cacheDir: string): string => Crypto.hash("sha256", realPathOf(Path.resolve(cacheDir))).slice(0, 12)

// One cache may be reached by several links, and is made only after the first namespace.
const realPathOf = (path: string): string => {
  try {
    return Fs.realpathSync(path)
  } catch {
    const above = Path.dirname(path)
    return above === path ? path : Path.join(realPathOf(above), Path.basename(path))
  }
}

/** Why a program cannot be run, where it cannot. */
export const unusable = (program: string): ProgramUnusable | undefined => {
  const isPath = program.includes("/")
  const places = isPath ? [program] : directories().map((directory) => Path.join(directory, program))
  if (program !== "" && places.some(isExecutable)) return undefined
  const there = places.find((place) => Fs.existsSync(place))
  if (program === "" || there === undefined) {
    const detail = isPath ? "there is no such file" : "there is no such program in PATH"
    return new ProgramUnusable({ program, reason: "NotFound", detail })
  }
  return new ProgramUnusable({ program, reason: "NotExecutable", detail: `${there} is not executable` })
}

const directories = (): ReadonlyArray<string> => (process.env["PATH"] ?? "").split(Path.delimiter)

const isExecutable = (file: string): boolean =>
  orElse(false, () => {
    Fs.accessSync(file, Fs.constants.X_OK)
    return Fs.statSync(file).isFile()
  })

/** Network namespaces by `ip netns`, under names in `/run/netns`, where people and their tools look for them. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { NamespaceFailed } from "../../domain/errors/CommandError.ts"
import { type ScratchNamespace, ScratchNamespaces } from "../../services/network/ScratchNamespaces.ts"
import { messageOf } from "../files/systemErrors.ts"
import { runInForeground } from "../process/foreground.ts"
import { unusable } from "../process/programSearch.ts"
import { ip } from "./ipCommand.ts"
import { isLeft, newName } from "./namespaceNames.ts"
import { endAll } from "./namespaceProcesses.ts"

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

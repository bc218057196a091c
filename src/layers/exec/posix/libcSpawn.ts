/** `posix_spawn` of the C library, with what it is told of a process beside its program. */
import type * as Koffi from "koffi"
import * as Os from "node:os"

/** What koffi has loaded. */
export type Library = ReturnType<typeof Koffi.load>

/** Calls that fail give the errno, negative. */
export interface Spawning {
  /**
   * The pid of a process that leads a session, with our environment and these variables over it, no signal blocked or
   * ignored, and these descriptors as 0, 1 and 2.
   */
  readonly spawn: (path: string, variables: Variables, descriptors: Descriptors) => number
  /** The same on another thread: until the new process is there, the thread that makes it stands still. */
  readonly spawnAside: (
    path: string,
    variables: Variables,
    descriptors: Descriptors,
    spawned: (pid: number) => void
  ) => void
}

type Variables = Readonly<Record<string, string>>

/** Stdin, stdout and stderr. */
export type Descriptors = readonly [number, number, number]

type SpawnArguments = [
  pid: Array<number>,
  path: string,
  actions: Buffer,
  attributes: Buffer,
  argv: ReadonlyArray<string | null>,
  environment: ReadonlyArray<string | null>
]

interface PosixSpawn {
  (...args: SpawnArguments): number
  readonly async: (...args: [...SpawnArguments, done: (failure: unknown, error: number) => void]) => void
}

/** Binds it. Throws where something is missing. */
export const spawningOf = (library: Library): Spawning => {
  const posixSpawn: PosixSpawn = library.func(
    "int posix_spawn(_Out_ int *, const char *, void *, void *, const char **, const char **)"
  )
  const attributes = attributesBy(library)
  const { actionsFor, destroy } = actionsBy(library)

  const prepare = (path: string, variables: Variables, descriptors: Descriptors) => {
    const pid = [0]
    const actions = actionsFor(descriptors)
    const args: SpawnArguments = [pid, path, actions, attributes, [path, null], [...environmentWith(variables), null]]
    // A call on another thread has the address of `actions`, which this function keeps from being collected.
    const done = (error: number): number => {
      destroy(actions)
      return error === 0 ? pid[0] ?? 0 : -error
    }
    return { args, done }
  }

  return {
    spawn: (path, variables, descriptors) => {
      const { args, done } = prepare(path, variables, descriptors)
      return done(posixSpawn(...args))
    },
    spawnAside: (path, variables, descriptors, spawned) => {
      const { args, done } = prepare(path, variables, descriptors)
      posixSpawn.async(
        ...args,
        (failure, error) => spawned(done(failure === null ? error : Os.constants.errno.EAGAIN))
      )
    }
  }
}

/** The process leads a session, and no signal is blocked or ignored. */
const attributesBy = (library: Library): Buffer => {
  const init: (attributes: Buffer) => number = library.func("int posix_spawnattr_init(void *)")
  const fill: (set: Buffer) => number = library.func("int sigfillset(void *)")
  const empty: (set: Buffer) => number = library.func("int sigemptyset(void *)")
  const setDefault: (attributes: Buffer, set: Buffer) => number = library.func(
    "int posix_spawnattr_setsigdefault(void *, void *)"
  )
  const setMask: (attributes: Buffer, set: Buffer) => number = library.func(
    "int posix_spawnattr_setsigmask(void *, void *)"
  )
  const setFlags: (attributes: Buffer, flags: number) => number = library.func(
    "int posix_spawnattr_setflags(void *, short)"
  )
  const attributes = Buffer.alloc(attributesBytes)
  const every = Buffer.alloc(signalSetBytes)
  const none = Buffer.alloc(signalSetBytes)
  init(attributes)
  fill(every)
  empty(none)
  setDefault(attributes, every)
  setMask(attributes, none)
  setFlags(attributes, setSigDef | setSigMask | setSid)
  return attributes
}

const actionsBy = (library: Library) => {
  const init: (actions: Buffer) => number = library.func("int posix_spawn_file_actions_init(void *)")
  const addDup2: (actions: Buffer, from: number, to: number) => number = library.func(
    "int posix_spawn_file_actions_adddup2(void *, int, int)"
  )
  const destroy: (actions: Buffer) => number = library.func("int posix_spawn_file_actions_destroy(void *)")
  const actionsFor = (descriptors: Descriptors): Buffer => {
    const actions = Buffer.alloc(actionsBytes)
    init(actions)
    for (const [to, from] of descriptors.entries()) addDup2(actions, from, to)
    return actions
  }
  return { actionsFor, destroy }
}

/** Our environment as `NAME=value`, with variables set over it. */
const environmentWith = (variables: Variables): ReadonlyArray<string> =>
  Object.entries({ ...process.env, ...variables }).map(([name, value]) => `${name}=${value}`)

// Larger than in any C library of Linux (glibc has 336, 80 and 128).
const attributesBytes = 1024
const actionsBytes = 512
const signalSetBytes = 256

// glibc and musl have the same.
const setSigDef = 0x04
const setSigMask = 0x08
const setSid = 0x80

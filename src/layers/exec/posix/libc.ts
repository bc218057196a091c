/** What starting a process takes of the C library, which koffi calls for us. */
import type * as Koffi from "koffi"
import * as Os from "node:os"
import * as Worker from "node:worker_threads"

/** Calls that fail give the errno, negative. */
export interface Libc {
  /** The two ends of a pipe, the reading one first. No process that is started gets them. */
  readonly pipe: () => readonly [number, number] | number
  readonly close: (descriptor: number) => void
  /** What there is to read from a pipe, without waiting for it. */
  readonly look: (descriptor: number) => Readable
  /**
   * The pid of a process in a session of its own, with our environment and these variables over it, no signal blocked or
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
  /** Undefined while it runs, null where its end was lost. */
  readonly waitFor: (pid: number) => number | null | undefined
  /** One of our children that have ended and were not waited for yet, whoever started it; 0 where there is none. */
  readonly anyEnded: () => number
}

type Variables = Readonly<Record<string, string>>

/** `isClosed`: nobody can write any more. */
export interface Readable {
  readonly hasData: boolean
  readonly isClosed: boolean
}

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

/** Binds what this process is linked with, be it glibc or musl. Throws where something is missing. */
export const bind = (koffi: typeof Koffi): Libc => {
  const library = koffi.load(null)
  const pipe2: (ends: Array<number>, flags: number) => number = library.func("int pipe2(_Out_ int *, int)")
  const close: (descriptor: number) => number = library.func("int close(int)")
  const poll: (polled: Buffer, count: number, timeoutMs: number) => number = library.func(
    "int poll(void *, unsigned long, int)"
  )
  const waitpid: (pid: number, status: Array<number>, options: number) => number = library.func(
    "int waitpid(int, _Out_ int *, int)"
  )
  const waitid: (type: number, id: number, info: Int32Array, options: number) => number = library.func(
    "int waitid(int, int, void *, int)"
  )
  const posixSpawn: PosixSpawn = library.func(
    "int posix_spawn(_Out_ int *, const char *, void *, void *, const char **, const char **)"
  )
  const initActions: (actions: Buffer) => number = library.func("int posix_spawn_file_actions_init(void *)")
  const addDup2: (actions: Buffer, from: number, to: number) => number = library.func(
    "int posix_spawn_file_actions_adddup2(void *, int, int)"
  )
  const destroyActions: (actions: Buffer) => number = library.func("int posix_spawn_file_actions_destroy(void *)")

  // `struct pollfd`: a descriptor, then what is asked and what has happened, in 16 bits each.
  const polled = Buffer.alloc(8)
  const polledDescriptor = new Int32Array(polled.buffer, polled.byteOffset, 1)
  const pollEvents = new Int16Array(polled.buffer, polled.byteOffset + 4, 2)
  const info = new Int32Array(infoNumbers)
  const infoPid = koffi.sizeof("void *") === 8 ? 4 : 3
  const attributes = Buffer.alloc(attributesBytes)
  const every = Buffer.alloc(signalSetBytes)
  const none = Buffer.alloc(signalSetBytes)
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
  init(attributes)
  fill(every)
  empty(none)
  setDefault(attributes, every)
  setMask(attributes, none)
  setFlags(attributes, setSigDef | setSigMask | setSid)

  // The kernel gives out the same numbers again.
  const known = new Map<string, Buffer>()
  const actionsOf = (descriptors: Descriptors): Buffer => {
    const key = descriptors.join()
    const made = known.get(key)
    if (made !== undefined) return made
    const actions = Buffer.alloc(actionsBytes)
    initActions(actions)
    for (const [to, from] of descriptors.entries()) addDup2(actions, from, to)
    if (known.size < knownActions) known.set(key, actions)
    return actions
  }
  const letGo = (actions: Buffer, descriptors: Descriptors) => {
    if (known.get(descriptors.join()) !== actions) destroyActions(actions)
  }

  const prepare = (path: string, variables: Variables, descriptors: Descriptors) => {
    const actions = actionsOf(descriptors)
    const pid = [0]
    // A call on another thread has the address of `actions`, which this function keeps from being collected.
    const done = (error: number): number => {
      letGo(actions, descriptors)
      return error === 0 ? pid[0] ?? 0 : -error
    }
    return { actions, pid, environment: [...environmentWith(variables), null], argv: [path, null], done }
  }

  return {
    pipe: () => {
      const ends = [0, 0]
      const [read = 0, write = 0] = pipe2(ends, closeOnExec) === 0 ? ends : []
      return write === 0 ? -koffi.errno() : [read, write]
    },
    close,
    look: (descriptor) => {
      polledDescriptor[0] = descriptor
      pollEvents[0] = pollIn
      const happened = poll(polled, 1, 0) > 0 ? pollEvents[1] ?? 0 : 0
      return { hasData: (happened & pollIn) !== 0, isClosed: (happened & pollHangUp) !== 0 }
    },
    spawn: (path, variables, descriptors) => {
      const { actions, argv, done, environment, pid } = prepare(path, variables, descriptors)
      return done(posixSpawn(pid, path, actions, attributes, argv, environment))
    },
    spawnAside: (path, variables, descriptors, spawned) => {
      const { actions, argv, done: finish, environment, pid } = prepare(path, variables, descriptors)
      const done = (failure: unknown, error: number) =>
        spawned(finish(failure === null ? error : Os.constants.errno.EAGAIN))
      posixSpawn.async(pid, path, actions, attributes, argv, environment, done)
    },
    waitFor: (pid) => {
      const status = [0]
      const found = waitpid(pid, status, noHang)
      if (found === 0 || (found < 0 && koffi.errno() === Os.constants.errno.EINTR)) return undefined
      return found === pid ? status[0] ?? null : null
    },
    anyEnded: () => {
      info[infoPid] = 0
      return waitid(anyChild, 0, info, ended | noHang | noWait) === 0 ? info[infoPid] ?? 0 : 0
    }
  }
}

/** Our environment as `NAME=value`, with variables set over it. */
const environmentWith = (variables: Variables): ReadonlyArray<string> =>
  Object.entries({ ...process.env, ...variables }).map(([name, value]) => `${name}=${value}`)

// Larger than in any C library of Linux (glibc has 336, 80 and 128).
const attributesBytes = 1024
const actionsBytes = 512
const signalSetBytes = 256

// A worker thread would leave them behind when it ends.
const knownActions = Worker.isMainThread ? 256 : 0

// `siginfo_t` has 128 bytes: signal, errno and code, a gap where addresses have 64 bits, and then the pid.
const infoNumbers = 32

// glibc and musl have the same.
const setSigDef = 0x04
const setSigMask = 0x08
const setSid = 0x80
const closeOnExec = 0o2000000
const noHang = 1
const ended = 4
const noWait = 0x01000000
const anyChild = 0
const pollIn = 1
const pollHangUp = 16

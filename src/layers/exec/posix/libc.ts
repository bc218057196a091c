/** What starting a process takes of the C library, which koffi calls for us. */
import type * as Koffi from "koffi"
import * as Os from "node:os"

/** Calls that fail give the errno, negative. */
export interface Libc {
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
  /** The two ends of a pipe, the reading one first. No process that is started gets them. */
  readonly pipe: () => readonly [number, number] | number
  readonly close: (descriptor: number) => void
  /** What there is to read from a pipe, without waiting for it. */
  readonly look: (descriptor: number) => Readable
  /** Undefined while it runs, null where its end was lost. */
  readonly waitFor: (pid: number) => number | null | undefined
  /** One of our children that have ended and were not waited for yet, also of those of Node; 0 where there is none. */
  readonly anyEnded: () => number
}

/** `isClosed`: no process can write any more. */
export interface Readable {
  readonly hasData: boolean
  readonly isClosed: boolean
}

/** Binds what this process is linked with, be it glibc or musl. Throws where something is missing. */
export const bind = (koffi: typeof Koffi): Libc => {
  const library = koffi.load(null)
  return { ...pipesOf(koffi, library), ...spawningOf(library), ...waitingOf(koffi, library) }
}

const pipesOf = (koffi: typeof Koffi, library: Library): Pick<Libc, "pipe" | "close" | "look"> => {
  const pipe2: Call = library.func("int pipe2(_Out_ int *, int)")
  const close: Call = library.func("int close(int)")
  const poll: Call = library.func("int poll(void *, unsigned long, int)")
  // `struct pollfd`: a descriptor, then what is asked and what has happened, in 16 bits each.
  const polled = Buffer.alloc(8)
  const descriptorOf = new Int32Array(polled.buffer, polled.byteOffset, 1)
  const eventsOf = new Int16Array(polled.buffer, polled.byteOffset + 4, 2)
  return {
    pipe: () => {
      const ends = [0, 0]
      const [read = 0, write = 0] = pipe2(ends, closeOnExec) === 0 ? ends : []
      return write === 0 ? -koffi.errno() : [read, write]
    },
    close,
    look: (descriptor) => {
      descriptorOf[0] = descriptor
      eventsOf[0] = pollIn
      const happened = poll(polled, 1, 0) > 0 ? eventsOf[1] ?? 0 : 0
      return { hasData: (happened & pollIn) !== 0, isClosed: (happened & pollHangUp) !== 0 }
    }
  }
}

const waitingOf = (koffi: typeof Koffi, library: Library): Pick<Libc, "waitFor" | "anyEnded"> => {
  const waitpid: Call = library.func("int waitpid(int, _Out_ int *, int)")
  const waitid: Call = library.func("int waitid(int, int, void *, int)")
  const info = new Int32Array(infoNumbers)
  const infoPid = koffi.sizeof("void *") === 8 ? 4 : 3
  return {
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

// `siginfo_t` has 128 bytes: signal, errno and code, a gap where addresses have 64 bits, and then the pid.
const infoNumbers = 32

// glibc and musl have the same.
const closeOnExec = 0o2000000
const noHang = 1
const ended = 4
const noWait = 0x01000000
const anyChild = 0
const pollIn = 1
const pollHangUp = 16
const setSigDef = 0x04
const setSigMask = 0x08
const setSid = 0x80

/** A function of the C library with numbers and memory for its arguments. */
type Call = (...of: ReadonlyArray<number | Array<number> | Buffer | Int32Array>) => number

/** What koffi has loaded. */
type Library = ReturnType<typeof Koffi.load>

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

const spawningOf = (library: Library): Pick<Libc, "spawn" | "spawnAside"> => {
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
  const init: Call = library.func("int posix_spawnattr_init(void *)")
  const fill: Call = library.func("int sigfillset(void *)")
  const empty: Call = library.func("int sigemptyset(void *)")
  const setDefault: Call = library.func("int posix_spawnattr_setsigdefault(void *, void *)")
  const setMask: Call = library.func("int posix_spawnattr_setsigmask(void *, void *)")
  const setFlags: Call = library.func("int posix_spawnattr_setflags(void *, short)")
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
  const init: Call = library.func("int posix_spawn_file_actions_init(void *)")
  const addDup2: Call = library.func("int posix_spawn_file_actions_adddup2(void *, int, int)")
  const destroy: Call = library.func("int posix_spawn_file_actions_destroy(void *)")
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

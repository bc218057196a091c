/** What a process that we start inherits from us, for one that another starts in our stead. */

/**
 * Our directory. The name that the kernel has for it stays right when it is moved or removed, but not everybody may follow
 * it; by its path, there is none where it was removed.
 */
export const directory = (isByPath: boolean): string | undefined => {
  if (!isByPath) return `/proc/${process.pid}/cwd`
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}

/** Whose privileges we have. */
export const identity = (): string =>
  [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.(), process.getgroups?.()].join(" ")

/** The variables of one moment. */
export interface Environment {
  readonly names: ReadonlyArray<string>
  readonly values: ReadonlyArray<string | undefined>
}

/** Before anything was said of any. */
export const noEnvironment: Environment = { names: [], values: [] }

/** Those of now. */
export const environment = (): Environment => {
  const names = environmentNames()
  return { names, values: names.map((name) => process.env[name]) }
}

/** Whether they are still the same. Every look is a call into the system's library. */
export const isCurrent = ({ names, values }: Environment): boolean => {
  const current = environmentNames()
  return current.length === names.length &&
    current.every((name, index) => name === names[index] && process.env[name] === values[index])
}

// In half the time that `Object.keys` takes, which asks about each name.
const environmentNames = (): ReadonlyArray<string> => Object.getOwnPropertyNames(process.env)

/** As `NAME=value`. */
export const textsOf = ({ names, values }: Environment): ReadonlyArray<string> =>
  names.map((name, index) => `${name}=${values[index] ?? ""}`)

/** Variables as `NAME=value`. */
export const variableTexts = (variables: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(variables).map(([name, value]) => `${name}=${value}`)

/** For another Node: what is said to ours (a debugger, a module to load) is not meant for that one, nor is it a plugin. */
export const variablesOfNode = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NODE|CNI)_/.test(name)))

/** Finds programs as a shell does, so that it can be said what is wrong before anything is run. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { ProgramUnusable } from "../../domain/errors/CommandError.ts"

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

const isExecutable = (file: string): boolean => {
  try {
    Fs.accessSync(file, Fs.constants.X_OK)
    return Fs.statSync(file).isFile()
  } catch {
    return false
  }
}

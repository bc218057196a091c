/** The files that are run. */
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { hasCommand } from "../integration/support.ts"
import { writeFile } from "../support/directory.ts"

/** Paths, all below `directory`. */
export interface Programs {
  readonly directory: string
  readonly plugin: string
  readonly missing: string
  readonly notExecutable: string
  readonly noProgram: string
}

/** What this host lacks; empty when nothing is missing. */
export const missingForPrograms: ReadonlyArray<string> = [
  ...(process.platform === "linux" ? [] : ["Linux"]),
  ...(hasCommand("gcc") ? [] : ["gcc"])
]

/** Where they are in a directory. */
export const programsIn = (directory: string): Programs => ({
  directory,
  plugin: Path.join(directory, "plugin"),
  missing: Path.join(directory, "missing"),
  notExecutable: Path.join(directory, "notExecutable"),
  noProgram: Path.join(directory, "noProgram")
})

/** Makes them in an empty directory. */
export const makePrograms = (directory: string): Programs => {
  const programs = programsIn(directory)
  compile("plugin.c", programs.plugin)
  writeFile(directory, Path.basename(programs.notExecutable), "#!/bin/sh\n", 0o644)
  writeFile(directory, Path.basename(programs.noProgram), "exit 0\n", 0o755)
  return programs
}

/** Compiles a program of this directory. */
export const compile = (source: string, program: string): void => {
  const file = Path.join(import.meta.dirname, source)
  ChildProcess.execFileSync("gcc", ["-O2", "-static", "-o", program, file], { stdio: "inherit" })
}

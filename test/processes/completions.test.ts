/** The completions, in the shells that are there. */
import { assert, describe, it, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { hasCommand, mention } from "../integration/support.ts"
import { bundledCommand } from "../support/bundled.ts"
import { temporaryDirectory, writeFile } from "../support/directory.ts"
import { oneIn } from "../support/extent.ts"

const program = await bundledCommand()

const run = (command: string, ...args: ReadonlyArray<string>): string =>
  ChildProcess.execFileSync(command, args, { encoding: "utf8", timeout: 30_000, stdio: ["ignore", "pipe", "inherit"] })

/** How a shell is asked what a line can go on with, given the file with its completions. */
const asking: Readonly<Record<string, (file: string, line: string) => string>> = {
  bash: (file, line) => {
    const words = line.split(" ")
    const script =
      `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}
      _effect_cni "$1" "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\\n' "\${COMPREPLY[@]}"`
    return run("bash", "-c", script, "bash", file, ...words)
  },
  fish: (file, line) => run("fish", "-c", `source ${file}; complete -C '${line}'`),
  // It completes on terminals only: this is one, with a line and a Tab.
  zsh: (file, line) => {
    const directory = Path.dirname(file)
    const setup = `PS1=; fpath=(${directory} $fpath); autoload -U compinit; compinit -u -d ${directory}/dump`
    return run(
      "zsh",
      "-f",
      "-c",
      `zmodload zsh/zpty; zpty z zsh -f -i; zpty -w z "$1; print re''ady"; zpty -r z out '*ready*'
       zpty -w -n z "$2"$'\\t'; zpty -r z out "*$3*"; print -r -- "$out"; zpty -d z`,
      "zsh",
      setup,
      line,
      expected.get(line) ?? ""
    )
  }
}

const expected = new Map([
  ["effect-cni ", "validate"],
  ["effect-cni val", "validate"],
  ["effect-cni gc --ke", "--keep"],
  ["effect-cni add --container", "--container-id"]
])

const shells = Object.entries(asking).filter(([shell]) => hasCommand(shell))

class Scripts extends Context.Service<Scripts, ReadonlyMap<string, string>>()("test/processes/Scripts") {
  static readonly layer = Layer.effect(
    Scripts,
    Effect.map(temporaryDirectory, (directory) =>
      new Map(shells.map(([shell]) => {
        const script = run(process.execPath, program, "--completions", shell)
        return [shell, writeFile(directory, shell === "zsh" ? "_effect-cni" : shell, script)]
      })))
  )
}

const cases = shells.flatMap(([shell, ask]) =>
  [...expected].map(([line, completion]) => ({ shell, ask, line, completion }))
)

describe("completions", () => {
  it("are tried in the shells that are here", ({ skip }) => {
    mention(Object.keys(asking).filter((shell) => !hasCommand(shell)), skip)
  })

  layer(Scripts.layer, { excludeTestServices: true })((it) => {
    it.effect.each(oneIn(4, cases))(
      "$shell goes on from `$line` with $completion",
      ({ ask, completion, line, shell }) =>
        Effect.gen(function*() {
          assert.include(ask((yield* Scripts).get(shell) ?? "", line), completion)
        })
    )
  })
})

/** A runtime with a fork server, `DIR PLUGIN [hang]`, and what its plugins say when it is no longer what it was. */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as process from "node:process"
import { execBy } from "../../src/layers/internal/execBy.ts"
import * as SparingSpawn from "../../src/layers/internal/sparingSpawn.ts"
import { until } from "../support/directory.ts"
import { invocation } from "../support/invocation.ts"

const [, , directory = "", path = "", mode] = process.argv
process.chdir(directory)

const spawn = SparingSpawn.make({ heldUpMs: 0, servers: 1 })
const { run } = execBy(spawn.launch)
const said = Effect.map(run(invocation({ path })), ({ stdout }) => new TextDecoder().decode(stdout).trim())
const parent = (pid: string) => pid === String(process.pid) ? "us" : pid === String(spawn.servers()[0]) ? "server" : pid

const program = Effect.gen(function*() {
  yield* said
  yield* until(() => spawn.servers().length === 1)
  const [server = 0] = spawn.servers()
  if (mode === "hang") {
    Fs.writeFileSync(`${directory}/server`, String(server))
    return yield* Effect.asVoid(run(invocation({ path: `${path}-hanging` })))
  }
  const lines: Array<string> = []
  const say = (name: string) =>
    Effect.map(said, (text) => {
      const [pid = "", where = "", groups = ""] = text.split(";")
      lines.push(`${name}: by ${parent(pid)}, in ${where}, groups ${groups}`)
    })
  yield* say("at first")
  Fs.mkdirSync(`${directory}/sub`)
  process.chdir(`${directory}/sub`)
  yield* say("elsewhere")
  Fs.renameSync(`${directory}/sub`, `${directory}/moved`)
  yield* say("moved")
  Fs.rmdirSync(`${directory}/moved`)
  yield* say("removed")
  process.chdir(directory)
  if (process.setgroups !== undefined && process.getuid?.() === 0) {
    process.setgroups([12_345])
    yield* say("with other groups")
    yield* until(() => !Fs.existsSync(`/proc/${server}`))
  }
  yield* said
  yield* until(() => spawn.servers().length === 1)
  process.stdout.write(`${lines.join("\n")}\n`)
})

// It ends by itself then, although there is a server.
await Effect.runPromise(program)

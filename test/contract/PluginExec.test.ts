import { NodePluginExec } from "effect-cni/node"
import { ScriptedPluginExec } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { temporaryDirectory, writeFile, writePlugin } from "../support/directory.ts"
import { type Behaviour, contract } from "./PluginExec.contract.ts"

contract("scripted, in memory", (behaviour) =>
  Effect.succeed({
    path: "/memory/bin/a",
    layer: ScriptedPluginExec.layer({ a: () => behaviour.hangs === true ? ScriptedPluginExec.hang : reply(behaviour) })
  }))

const reply = ({ signal, status, stderr, stdout }: Behaviour) =>
  new ScriptedPluginExec.Reply({
    stdout: stdout ?? "",
    stderr: stderr ?? "",
    exit: signal === undefined ? { _tag: "Exited", status: status ?? 0 } : { _tag: "Signalled", signal }
  })

contract("Node, real processes", (behaviour) =>
  Effect.gen(function*() {
    const directory = yield* temporaryDirectory
    const stdout = writeFile(directory, "stdout", behaviour.stdout ?? "")
    const stderr = writeFile(directory, "stderr", behaviour.stderr ?? "")
    const end = behaviour.signal === undefined
      ? `exit ${behaviour.status ?? 0}`
      : `kill -${behaviour.signal.slice(3)} $$`
    const path = writePlugin(
      directory,
      "a",
      `${behaviour.hangs === true ? "exec sleep 1000" : ""}
       cat ${stdout}
       cat ${stderr} >&2
       ${end}`
    )
    return { path, layer: NodePluginExec.layer }
  }))

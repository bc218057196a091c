/** Stdin, stdout and environment of this process, for a plugin that is written on Node. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { decodeText } from "../../domain/json/Json.ts"
import { PluginFailure } from "../../domain/plugin/PluginCall.ts"
import { PluginStdio } from "../../services/plugin/PluginStdio.ts"

const readAll = Effect.callback<string, PluginFailure>((resume) => {
  const chunks: Array<Buffer> = []
  process.stdin.on("data", (chunk: Buffer) => chunks.push(chunk))
  process.stdin.on("end", () => resume(Effect.succeed(decodeText(Buffer.concat(chunks)))))
  process.stdin.on(
    "error",
    ({ message }) => resume(Effect.fail(new PluginFailure({ code: 5, msg: "stdin cannot be read", details: message })))
  )
})

/** A plugin reads its input once and answers once. */
export const layer: Layer.Layer<PluginStdio> = Layer.succeed(
  PluginStdio,
  PluginStdio.of({
    environment: process.env,
    stdin: readAll,
    answer: (stdout, status) =>
      Effect.callback((resume) => {
        process.exitCode = status
        process.stdout.write(stdout, () => resume(Effect.void))
      })
  })
)

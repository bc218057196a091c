/** Stdin, stdout and environment of this process, for a plugin that is written on Node. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import { decodeText } from "../domain/Json.ts"
import { PluginStdio } from "../services/PluginStdio.ts"

/** A plugin reads its input once and answers once: both are done at a stroke. */
export const layer: Layer.Layer<PluginStdio> = Layer.succeed(
  PluginStdio,
  PluginStdio.of({
    environment: process.env,
    stdin: Effect.sync(() => readAll()),
    answer: (stdout, status) =>
      Effect.callback((resume) => {
        process.exitCode = status
        process.stdout.write(stdout, () => resume(Effect.void))
      })
  })
)

// A closed stdin is an empty one; what is wrong with the text is found when it is read as a request.
const readAll = (): string => {
  try {
    return decodeText(Fs.readFileSync(0))
  } catch {
    return ""
  }
}

/** `npm run demo`: a container's life on a network, with plugins of the demo's own, and where it may, for real. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { chain } from "./chain.ts"
import { real } from "./real.ts"
import * as Show from "./show.ts"
import * as Terminal from "./terminal.ts"

const demo = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  yield* Show.title("effect-cni: a container's life on a network")
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "effect-cni-demo-" })
  yield* chain(directory)
  yield* real(directory)
})

Terminal.handle()
NodeRuntime.runMain(demo.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

/** Two runtimes behind one interface: Go's libcni, as a program that is built from `main.go`, and this library. */
import { Cni, CniResult, Json, NetworkConfigList, type RuntimeConf } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { hasCommand } from "../integration/support.ts"
import { temporaryDirectory, writeFile } from "../support/directory.ts"

/** A network, a container, and where plugins and records are. */
export interface Place {
  readonly directory: string
  readonly configuration: string
  readonly pluginPaths: ReadonlyArray<string>
  readonly cacheDir: string
  readonly conf: RuntimeConf.RuntimeConf & { readonly netns: string }
}

/** The operations that both have. */
export interface Runtime {
  readonly add: (place: Place) => Effect.Effect<CniResult.CniResult, OperationFailed>
  readonly check: (place: Place) => Effect.Effect<void, OperationFailed>
  readonly del: (place: Place) => Effect.Effect<void, OperationFailed>
  readonly storedResult: (place: Place) => Effect.Effect<CniResult.CniResult, OperationFailed>
}

/** An operation failed, in the words of the runtime. */
export class OperationFailed extends Schema.TaggedError<OperationFailed>()("OperationFailed", {
  message: Schema.String
}) {}

const gopath = "/usr/share/gocode"

/** What this host lacks to build a program on libcni. */
export const missingForLibcni: ReadonlyArray<string> = [
  ...(hasCommand("go") ? [] : ["the command go"]),
  ...(Fs.existsSync(`${gopath}/src/github.com/containernetworking/cni/libcni`)
    ? []
    : ["the package golang-github-appc-cni-dev"])
]

/** Builds a program with this host's libcni. */
export const buildOnLibcni = (source: string, program: string): void => {
  ChildProcess.execFileSync("go", ["build", "-o", program, source], {
    env: { ...process.env, GOPATH: gopath, GO111MODULE: "off", GOFLAGS: "" },
    stdio: ["ignore", "pipe", "pipe"]
  })
}

/** libcni. */
export class Libcni extends Context.Service<Libcni, Runtime>()("test/interop/Libcni") {
  static readonly layer: Layer.Layer<Libcni> = Layer.effect(
    Libcni,
    Effect.map(temporaryDirectory, (directory) => {
      const driver = Path.join(directory, "driver")
      buildOnLibcni(Path.join(import.meta.dirname, "main.go"), driver)
      return runtimeOf(driver)
    })
  )
}

const runtimeOf = (driver: string): Runtime => {
  const run = (command: string, { cacheDir, conf, configuration, directory, pluginPaths }: Place) =>
    Effect.try({
      try: () => {
        const { args, capabilityArgs, containerId, ifName, netns } = conf
        const file = writeFile(directory, "network.conflist", configuration)
        const words = [command, cacheDir, pluginPaths.join(":"), file, containerId, netns, ifName]
        const more = JSON.stringify({ args, capabilityArgs })
        return ChildProcess.execFileSync(driver, [...words, more], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"]
        })
      },
      catch: (error) => new OperationFailed({ message: String(error) })
    })
  const resultOf = (stdout: string) => Result.getOrThrow(CniResult.fromJson(Result.getOrThrow(Json.parse(stdout)), ""))
  return {
    add: (place) => Effect.map(run("add", place), resultOf),
    check: (place) => Effect.asVoid(run("check", place)),
    del: (place) => Effect.asVoid(run("del", place)),
    storedResult: (place) => Effect.map(run("result", place), resultOf)
  }
}

type Operation<A, E extends Error> = (
  list: NetworkConfigList.NetworkConfigList,
  conf: RuntimeConf.RuntimeConf
) => Effect.Effect<A, E, NodeCni.Services>

const ourOperation = <A, E extends Error>(operation: Operation<A, E>) => (place: Place) =>
  NetworkConfigList.fromText(place.configuration).pipe(
    Effect.flatMap((list) => operation(list, place.conf)),
    Effect.mapError(({ message }) => new OperationFailed({ message })),
    Effect.provide(NodeCni.layer(place))
  )

/** This library. */
export const ours: Runtime = {
  add: ourOperation(Cni.addNetworkList),
  check: ourOperation(Cni.checkNetworkList),
  del: ourOperation(Cni.delNetworkList),
  storedResult: (place) => Effect.map(ourOperation(Cni.getNetworkListCachedResult)(place), Option.getOrThrow)
}

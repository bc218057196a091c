/** The calls that need no services: versions, results, names, discovery, the environment, podman's words. */
import { Effect, Order, Result } from "effect"
import {
  CniError,
  CniResult,
  CniVersion,
  Json,
  PluginDiscovery,
  PluginInfo,
  PluginReply,
  PluginRequest,
  RuntimeConf
} from "effect-cni"
import { FileSystemPluginDiscovery } from "effect-cni/node"
import * as Path from "node:path"
import { observe } from "../observe.ts"
import type { Failure } from "../vector.ts"
import * as Args from "./arguments.ts"
import { type Call, call } from "./call.ts"

const pure = <A>(result: Result.Result<A, CniError.AnyError>, show: (value: A) => unknown = (value) => value) =>
  Effect.mapBoth(Effect.fromResult(result), { onFailure: observe(), onSuccess: show })

const bytesOf = (text: string) => new TextEncoder().encode(text)

const comparison = (compare: (left: CniVersion.CniVersion, right: CniVersion.CniVersion) => boolean) =>
  call(
    Args.Operands,
    ({ a, b }) => pure(Result.all([CniVersion.parse(a), CniVersion.parse(b)]), ([left, right]) => compare(left, right))
  )

const validation = (validate: (value: string) => Result.Result<string, CniError.AnyError>) =>
  call(Args.Value, ({ value }) => pure(validate(value), () => null))

const outputInvalid = (text: string): Failure => ({ tag: "PluginOutputInvalid", text })

const created = (version: string, bytes: string) =>
  Json.parse(bytes).pipe(
    Result.mapError(outputInvalid),
    Result.flatMap((json) => Result.mapError(CniResult.create(version, json), ({ reason }) => outputInvalid(reason)))
  )

const converted = (
  version: string,
  bytes: string,
  to: string
): Result.Result<CniResult.CniResult, ReturnType<ReturnType<typeof observe>>> =>
  Result.flatMap(created(version, bytes), (result) => Result.mapError(CniResult.convert(result, to), observe()))

const environment = ({ command, environ, path, pluginArgs, pluginArgsStr, ...conf }: typeof Args.Env.Type) => ({
  ...environ,
  ...PluginRequest.environment(command, { ...conf, args: pluginArgs }, path),
  ...(pluginArgsStr !== "" && { CNI_ARGS: pluginArgsStr })
})

const podmanError = ({ exitText, plugin, stderr, stdout }: typeof Args.Podman.Type) => {
  const error = new CniError.PluginError({
    ...PluginReply.complaints.podman(stdout, stderr, exitText),
    plugin: "",
    path: plugin,
    command: "ADD",
    network: "",
    containerId: "",
    ifName: "",
    exit: { _tag: "Exited", status: 1 },
    stderr,
    durationMs: 0
  })
  const { code, details = "", msg } = error
  return { msg, code, details, text: CniError.format(error, { dialect: "podman" }) }
}

export const functions: Readonly<Record<string, Call>> = {
  ParseVersion: call(Args.Version, ({ version }) => pure(CniVersion.parse(version))),
  GreaterThan: comparison(Order.isGreaterThan(CniVersion.order)),
  GreaterThanOrEqualTo: comparison(CniVersion.isAtLeast),
  DecodeVersion: call(Args.Bytes, ({ bytes }) => Effect.mapError(PluginInfo.configVersion(bytesOf(bytes)), observe())),
  DecodeVersionInfo: call(Args.Bytes, ({ bytes }) =>
    Effect.mapError(
      Effect.fromResult(PluginInfo.fromBytes(bytesOf(bytes))),
      ({ reason }) => outputInvalid(`decoding version info: ${reason}`)
    )),
  CreateResult: call(
    Args.Create,
    ({ bytes, version }) => Effect.map(Effect.fromResult(created(version, bytes)), ({ json }) => json)
  ),
  ConvertResult: call(
    Args.Convert,
    ({ bytes, to, version }) => Effect.map(Effect.fromResult(converted(version, bytes, to)), ({ json }) => json)
  ),
  ValidateContainerID: validation(RuntimeConf.validateContainerId),
  ValidateNetworkName: validation(RuntimeConf.validateNetworkName),
  ValidateInterfaceName: validation(RuntimeConf.validateIfName),
  FindInPath: call(
    Args.Find,
    ({ paths, plugin }, { root }) =>
      PluginDiscovery.use((discovery) => discovery.find(plugin)).pipe(
        Effect.provide(FileSystemPluginDiscovery.layer(paths.map((path) => `${root}/${path}`))),
        Effect.mapBoth({ onFailure: observe(), onSuccess: (file) => Path.relative(root, file) })
      )
  ),
  ArgsEnv: call(Args.Env, (args) => Effect.succeed(environment(args))),
  PodmanPluginError: call(Args.Podman, (args) => Effect.succeed(podmanError(args)))
}

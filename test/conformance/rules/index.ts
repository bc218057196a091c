/** What must come of each call, by the rules. */
import { Effect, Schema } from "effect"
import * as Args from "../calls/arguments.ts"
import { shownList, shownPlugin } from "../calls/loading.ts"
import type { Failure, Failures } from "../vector.ts"
import { add } from "./add.ts"
import { check, del } from "./del.ts"
import { listIn, pluginIn, search, upconverted, upconvertedIn } from "./directory.ts"
import * as Functions from "./functions.ts"
import { gc, status } from "./gc.ts"
import { attachments, cachedConfig, cachedResult } from "./lookups.ts"
import * as Names from "./names.ts"
import { type Network, readNetwork, readPlugin, unreadable } from "./network.ts"
import type { Rt } from "./request.ts"
import type { Expected, Situation } from "./situation.ts"
import { validateNetwork, validatePlugin, versionsOf } from "./validation.ts"

type Outcome = Effect.Effect<unknown, Failure | Failures>

const on =
  <A, I>(schema: Schema.Codec<A, I>, expected: (situation: Situation, args: A) => Outcome): Expected => (situation) =>
    Effect.flatMap(
      Effect.orDie(Schema.decodeUnknownEffect(schema)(situation.setting.step.args)),
      (args) => expected(situation, args)
    )

type Operation = (situation: Situation, network: Network, rt: Rt) => Outcome

const onList = (operation: Operation) =>
  on(
    Args.OnList,
    (situation, { list, rt }) =>
      Effect.flatMap(readNetwork(situation, list), (network) => operation(situation, network, rt))
  )

const onPlugin = (operation: Operation) =>
  on(
    Args.OnPlugin,
    (situation, { plugin, rt }) =>
      Effect.flatMap(readPlugin(situation, plugin), (network) => operation(situation, network, rt))
  )

const plugin = ({ plugins: [first] }: Network) =>
  first === undefined ? Effect.fail(unreadable) : Effect.succeed(shownPlugin(first))

const ofPlugin = (loading: Effect.Effect<Network, Failure>): Outcome => Effect.flatMap(loading, plugin)

const ofList = (loading: Effect.Effect<Network, Failure>): Outcome => Effect.map(loading, shownList)

const name = (issue: (value: string) => Failure | undefined) =>
  on(Args.Value, (situation, { value }) => {
    const found = issue(value)
    if (found === undefined) return Effect.succeed(null)
    // Only what libcni has no words for does it accept.
    return found.goSpecificText === true ? situation.refuse("D1", found) : Effect.fail(found)
  })

const directory = ({ setting: { places } }: Situation, dir: string | undefined) =>
  dir === undefined ? places.netconf : `${places.netconf}/${dir}`

const singles = [".conf", ".json"]

/** By the name of the call. What is not here differs nowhere. */
export const expectations: Readonly<Record<string, Expected>> = {
  AddNetworkList: onList(add),
  AddNetwork: onPlugin(add),
  DelNetworkList: onList(del),
  DelNetwork: onPlugin(del),
  CheckNetworkList: onList(check),
  CheckNetwork: onPlugin(check),
  GetNetworkListCachedResult: onList(cachedResult),
  GetNetworkCachedResult: onPlugin(cachedResult),
  GetNetworkListCachedConfig: onList(cachedConfig),
  GetNetworkCachedConfig: onPlugin(cachedConfig),
  GetCachedAttachments: on(Args.Attachments, (situation, { containerId }) => attachments(situation, containerId)),
  GCNetworkList: on(
    Args.Gc,
    (situation, { list, validAttachments }) =>
      Effect.flatMap(readNetwork(situation, list), (network) => gc(situation, network, validAttachments))
  ),
  GetStatusNetworkList: on(
    Args.OfList,
    (situation, { list }) => Effect.flatMap(readNetwork(situation, list), (network) => status(situation, network))
  ),
  ValidateNetworkList: on(
    Args.OfList,
    (situation, { list }) =>
      Effect.flatMap(readNetwork(situation, list), (network) => validateNetwork(situation, network))
  ),
  ValidateNetwork: on(
    Args.OfPlugin,
    (situation, args) =>
      Effect.flatMap(readPlugin(situation, args.plugin), (network) => validatePlugin(situation, network))
  ),
  GetVersionInfo: on(Args.VersionInfo, (situation, { type }) => versionsOf(situation, type)),
  NetworkConfFromBytes: on(Args.Bytes, (situation, { bytes }) => ofList(readNetwork(situation, bytes))),
  NetworkPluginConfFromBytes: on(Args.Bytes, (situation, { bytes }) => ofPlugin(readPlugin(situation, bytes))),
  ConfListFromConf: on(
    Args.Bytes,
    (situation, { bytes }) => ofList(Effect.flatMap(readPlugin(situation, bytes), upconverted(situation)))
  ),
  LoadNetworkConf: on(
    Args.Lookup,
    (situation, { dir, name }) =>
      ofList(search(situation, directory(situation, dir), name, [
        { extensions: [".conflist"], load: listIn(situation) },
        { extensions: singles, load: upconvertedIn(situation) }
      ]))
  ),
  LoadConf: on(
    Args.Lookup,
    (situation, { dir, name }) =>
      ofPlugin(search(situation, directory(situation, dir), name, [{ extensions: singles, load: pluginIn(situation) }]))
  ),
  NetworkConfFromFile: on(Args.File, (situation, { file }) =>
    ofList(Effect.filterOrFail(
      listIn(situation)(`${situation.setting.places.netconf}/${file}`),
      (network) => network !== undefined,
      () => unreadable
    ))),
  InjectConf: on(
    Args.Inject,
    (situation, args) =>
      ofPlugin(
        Effect.flatMap(readPlugin(situation, args.plugin), (network) =>
          Functions.injected(situation, network, args.values))
      )
  ),
  CreateResult: on(Args.Create, (situation, { bytes, version }) => Functions.createResult(situation, version, bytes)),
  ConvertResult: on(
    Args.Convert,
    (situation, { bytes, to, version }) => Functions.convertResult(situation, version, bytes, to)
  ),
  DecodeVersion: on(Args.Bytes, (situation, { bytes }) => Functions.decodeVersion(situation, bytes)),
  DecodeVersionInfo: on(Args.Bytes, (situation, { bytes }) => Functions.decodeVersionInfo(situation, bytes)),
  FindInPath: on(Args.Find, (situation, args) => Functions.findInPath(situation, args.plugin, args.paths)),
  PodmanPluginError: on(Args.Podman, Functions.podmanError),
  ValidateContainerID: name(Names.containerIssue),
  ValidateNetworkName: name(Names.networkIssue),
  ValidateInterfaceName: name(Names.interfaceIssue)
}

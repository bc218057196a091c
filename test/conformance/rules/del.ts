/** DEL and CHECK: D6, D8, D40. */
import { Effect, Result } from "effect"
import type { Failure } from "../vector.ts"
import { checkNames } from "./names.ts"
import { isAtLeast, type Network } from "./network.ts"
import { run } from "./plugins.ts"
import { type Entry, fileName, type Key, own, storedResult } from "./records.ts"
import { attachmentInput, type Rt } from "./request.ts"
import { shown } from "./results.ts"
import type { Situation } from "./situation.ts"

/** The plugins backward; the record goes when all of them succeeded. */
export const del = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network,
  rt: Rt
): Effect.fn.Return<null, Failure> {
  yield* checkNames(situation, network.name, rt)
  return yield* delChecked(situation, network, rt, { network: network.name, ...rt })
})

/** As `del`, for values that are stored and used as they are. */
export const delChecked = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network,
  rt: Rt,
  key: Key,
  asksAgain: boolean = false
): Effect.fn.Return<null, Failure> {
  const hasPrevResult = yield* isAtLeast(network.cniVersion, "0.4.0")
  const entry = yield* Effect.result(own(situation, key))
  const known = Result.getOrUndefined(entry)
  const prevResult = hasPrevResult && known ? yield* prevResultOf(situation, known, network, key) : undefined
  yield* runAll(situation, "DEL", network.plugins.toReversed(), { network, rt, prevResult, asksAgain })
  if (Result.isFailure(entry)) return yield* Effect.fail(entry.failure)
  if (known !== undefined) situation.cache.delete(fileName(key))
  return null
})

// libcni throws a record away that it cannot use, before it has run anything.
const prevResultOf = (situation: Situation, entry: Entry, { cniVersion }: Network, key: Key) =>
  Effect.match(storedResult(situation, entry, cniVersion), {
    onSuccess: (known) => shown(situation, known),
    onFailure: () => {
      if (!situation.applies("D8")) situation.cache.delete(fileName(key))
      return undefined
    }
  })

/** The plugins forward, unless checking is off. */
export const check = Effect.fnUntraced(function*(
  situation: Situation,
  network: Network,
  rt: Rt
): Effect.fn.Return<null, Failure> {
  yield* checkNames(situation, network.name, rt)
  if (!(yield* isAtLeast(network.cniVersion, "0.4.0"))) return yield* Effect.fail({ tag: "CheckNotSupported" })
  if (network.disableCheck) return null
  const entry = yield* own(situation, { network: network.name, ...rt })
  const known = entry && (yield* storedResult(situation, entry, network.cniVersion))
  const prevResult = known && shown(situation, known)
  yield* runAll(situation, "CHECK", network.plugins, { network, rt, prevResult })
  return null
})

interface Chain {
  readonly network: Network
  readonly rt: Rt
  readonly prevResult: unknown
  /** A plugin that fails is asked once more. */
  readonly asksAgain?: boolean
}

const runAll = (
  situation: Situation,
  command: string,
  plugins: Network["plugins"],
  { asksAgain = false, network, prevResult, rt }: Chain
): Effect.Effect<void, Failure> =>
  Effect.forEach(plugins, (plugin) => {
    const asked = { type: plugin.type, command, rt, stdin: attachmentInput(plugin, network, rt, prevResult) }
    return Effect.catch(run(situation, asked), (failure) =>
      asksAgain && failure.tag === "PluginError" && situation.applies("D40")
        ? run(situation, asked)
        : Effect.fail(failure))
  }, { discard: true })

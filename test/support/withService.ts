/** `Cni` on the services in the context, with other ones in place of some of them. */
import { Cni, type CniServices } from "effect-cni"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** Replaces services, and provides `Cni` on them and the rest. */
export const replacing = <I extends CniServices>(
  services: Layer.Layer<I, never, CniServices>
): Layer.Layer<Cni | I, never, CniServices> => Layer.provideMerge(Cni.layer, services)

/** Runs a program of `Cni` with one service replaced. */
export const withService = <A, E, R, I extends CniServices, S>(
  program: Effect.Effect<A, E, R>,
  service: Context.Key<I, S>,
  implementation: S
) => Effect.provide(program, replacing(Layer.succeed(service, implementation)))

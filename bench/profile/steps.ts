/** The steps of one chain, out of the spans of many. */
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import { median } from "../rounds.ts"
import type { Step } from "./profiled.ts"

interface Timed {
  readonly span: Tracer.NativeSpan
  readonly startMs: number
  readonly endMs: number
}

/** The ADD and the DEL that took most nearly what half of them took. */
export const typicalChain = (spans: ReadonlyArray<Tracer.NativeSpan>): ReadonlyArray<Step> => {
  const timed = spans.flatMap(timedOf)
  return ["addNetworkList", "delNetworkList"].flatMap((name) => {
    const roots = timed.filter(({ span }) => span.name === name)
    const middle = median(roots.map(({ endMs, startMs }) => endMs - startMs))
    const distance = ({ endMs, startMs }: Timed) => Math.abs(endMs - startMs - middle)
    const [root] = roots.toSorted((a, b) => distance(a) - distance(b))
    return root === undefined ? [] : stepsOf(root, timed, root.startMs, 0)
  })
}

const timedOf = (span: Tracer.NativeSpan): ReadonlyArray<Timed> =>
  span.status._tag === "Ended"
    ? [{ span, startMs: Number(span.status.startTime) / 1e6, endMs: Number(span.status.endTime) / 1e6 }]
    : []

const stepsOf = (own: Timed, all: ReadonlyArray<Timed>, zero: number, depth: number): ReadonlyArray<Step> => {
  const children = all.filter(({ span }) => Option.getOrUndefined(span.parent) === own.span)
  return [
    { name: own.span.name, depth, startMs: own.startMs - zero, endMs: own.endMs - zero },
    ...children.toSorted((a, b) => a.startMs - b.startMs).flatMap((child) => stepsOf(child, all, zero, depth + 1))
  ]
}

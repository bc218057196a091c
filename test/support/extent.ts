/** How much is done of what takes long: `npm test` does a part of it, `npm run test:slow` the whole. */
const isWhole = process.env["EFFECT_CNI_WHOLE_EXTENT"] === "1"

/** How often something is done. */
export const times = ({ part, whole }: { readonly part: number; readonly whole: number }): number =>
  isWhole ? whole : part

/** All the cases, or the first and every so many-th. */
export const oneIn = <A>(count: number, cases: ReadonlyArray<A>): ReadonlyArray<A> =>
  isWhole ? cases : cases.filter((_, at) => at % count === 0)

/**
 * Words that hide who acts or what a thing is. `node test/structure/words.ts FOLDER…` prints how many each file has, and
 * with `--lines` where.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { parseArgs } from "node:util"
import { root } from "./imports.ts"

/** What is not said, with what is said instead. */
const banned: ReadonlyArray<readonly [words: RegExp, instead: string]> = [
  [/\b(whoever|whatever)\b/i, "name the actor, or say `each`"],
  [
    /\b(some|any|every)body\b|(?<!-u )\bnobody\b|\bsomeone\b|\banyone\b/i,
    "name the actor: a process, the lock holder, a GC, the caller"
  ],
  [/\bsettl(e|es|ed|ing)\b/i, "say what happens: await, end, collect, freeze, decide"],
  [
    /\b(what|all that|whatever) (is|was) known\b|\bthe known\b|\bwhatIsKnown\b/i,
    "a noun: the record, the entry, the cache"
  ],
  [/(^|[.:;] )Who [a-z]+s\b|\bwho (comes|takes|finds|asks|gets|wants|waits)\b/, "name the actor"],
  [/\bto be had\b|\bon behalf of\b|\bdawdles?\b|\bfor want of\b/i, "plain words"]
]

export interface Finding {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly instead: string
}

/** The banned words in a file. */
export const findingsIn = (file: string): ReadonlyArray<Finding> =>
  Fs.readFileSync(Path.join(root, file), "utf8").split("\n").flatMap((line, index) =>
    banned.flatMap(([words, instead]) => {
      const text = words.exec(line)?.[0]
      return text === undefined ? [] : [{ file, line: index + 1, text: text.trim(), instead }]
    })
  )

/** The texts and sources below some folders, or files themselves. */
export const filesBelow = (places: ReadonlyArray<string>): ReadonlyArray<string> =>
  places.flatMap((place) =>
    /\.\w+$/.test(place) ? [place] : Fs.globSync(`${place}/**/*.{ts,md}`, { cwd: root }).toSorted()
  )

if (import.meta.main) {
  const { positionals, values: { lines } } = parseArgs({
    allowPositionals: true,
    options: { lines: { type: "boolean", default: false } }
  })
  const findings = filesBelow(positionals).flatMap(findingsIn)
  for (const [file, those] of Map.groupBy(findings, ({ file }) => file)) {
    console.log(`${those.length} ${file}`)
    if (lines) { for (const { instead, line, text } of those) console.log(`  ${line}: "${text}": ${instead}`) }
  }
  console.log(`${findings.length} in all`)
}

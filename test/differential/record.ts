/**
 * Records what cnitool does in every scenario, and what our command does where they differ: as root,
 * `npm run record:cnitool -- FILE`, where FILE is cnitool v1.3.0 or newer. What has changed is to be read before it is kept.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { carryOut } from "./host.ts"
import { differencesOf } from "./observed.ts"
import { recordingFile } from "./recordings.ts"
import { scenarios } from "./scenarios/all.ts"
import { cnitoolBy, oursBy } from "./tools.ts"

const [file = ""] = process.argv.slice(2)
const cnitool = cnitoolBy(Path.resolve(file))
const ours = oursBy([Path.resolve(import.meta.dirname, "../../dist/cli/effect-cni.cjs")])
if (!Fs.existsSync(file)) throw new Error(`there is no cnitool "${file}"`)

const record = Effect.fnUntraced(function*(scenario: typeof scenarios[number]) {
  const theirs = yield* carryOut(cnitool, scenario)
  const own = yield* carryOut(ours, scenario)
  const places = differencesOf(theirs, own)
  const recording = { cnitool: theirs, ...(places.length === 0 ? {} : { "effect-cni": own }) }
  Fs.writeFileSync(recordingFile(scenario), `${JSON.stringify(recording, null, 2)}\n`)
  if (places.length > 0) console.log(`${scenario.name}: ${places.join(", ")}`)
})

await Effect.runPromise(Effect.forEach(scenarios, record, { discard: true }))

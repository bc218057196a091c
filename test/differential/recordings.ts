/** What was recorded of the scenarios, in files that are kept. */
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Recording } from "./observed.ts"
import type { Scenario } from "./scenario.ts"

export const recordingFile = ({ name }: Pick<Scenario, "name">): string =>
  Path.join(import.meta.dirname, "recorded", `${name.replaceAll(/[^a-z0-9.]+/gi, "-")}.json`)

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Recording))

export const recordingOf = (scenario: Scenario): Recording => decode(Fs.readFileSync(recordingFile(scenario), "utf8"))

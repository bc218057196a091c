/** Every scenario. */
import type { Scenario } from "../scenario.ts"
import { attaching } from "./attaching.ts"
import { collecting } from "./collecting.ts"
import { failing } from "./failing.ts"
import { refused } from "./refused.ts"
import { standing } from "./standing.ts"

export const scenarios: ReadonlyArray<Scenario> = [...attaching, ...failing, ...standing, ...refused, ...collecting]

/** Every group of measures, in the order of the report. */
import type { Group } from "../world.ts"
import { coldStart } from "./coldStart.ts"
import { delay } from "./delay.ts"
import { gcWaiting } from "./gc.ts"
import { list } from "./list.ts"
import { memory } from "./memory.ts"
import { ownCost } from "./ownCost.ts"
import { real } from "./real.ts"

export const groups: ReadonlyArray<Group> = [...real, gcWaiting, ...list, delay, ...memory, coldStart, ...ownCost]

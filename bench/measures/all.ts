/** Every group of measures, in the order of the report. */
import type { Group } from "../world.ts"
import { coldStart } from "./coldStart.ts"
import { gcWaiting } from "./gc.ts"
import { list } from "./list.ts"
import { memory } from "./memory.ts"
import { noop } from "./noop.ts"
import { real } from "./real.ts"

export const groups: ReadonlyArray<Group> = [...noop, ...real, gcWaiting, ...list, ...memory, coldStart]

/** What several do that look at one lease at the same moment. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Lease from "../../../src/layers/lock/lease.ts"
import * as LockDirectory from "../../../src/layers/lock/lockDirectory.ts"
import type { TryLock } from "../../../src/layers/lock/lockFile.ts"
import { temporaryDirectory, writeFile } from "../../support/directory.ts"

const othersLook: TryLock = (_, mode) => mode === "shared" ? { release: () => {}, remove: () => {} } : undefined

describe("lease", () => {
  it.live("of a dead owner is not taken for that of a living one while another process looks", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const id = "00000000-0000-0000-0000-000000000000"
      const { ino } = Fs.statSync(writeFile(directory, `lease-${id}`, ""))
      const owner = { pid: 1, startTime: "0", lease: `${id}.${ino}` }
      const { isAlive } = Lease.make(LockDirectory.make(directory, othersLook), yield* Scope.Scope)
      assert.isFalse(yield* isAlive(owner))
    })))
})

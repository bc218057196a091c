/** A reader in Go, of records that this library writes meanwhile. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { mention } from "../integration/support.ts"
import { temporaryDirectory } from "../support/directory.ts"
import { resultsBeingWritten } from "../support/writing.ts"
import { missingForLibcni } from "./runtimes.ts"

it("has what it takes to build a program in Go", ({ skip }) => mention(missingForLibcni, skip))

it.live.skipIf(missingForLibcni.length > 0)("sees no torn record in 100,000 reads", () =>
  Effect.gen(function*() {
    const reader = Path.join(yield* temporaryDirectory, "reader")
    ChildProcess.execFileSync("go", ["build", "-o", reader, Path.join(import.meta.dirname, "readers", "main.go")], {
      env: { ...process.env, GO111MODULE: "off", GOFLAGS: "" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const results = yield* resultsBeingWritten
    const seen = ChildProcess.execFileSync(reader, [results, "100000"], { encoding: "utf8" })
    assert.isAbove(Number(seen), 100, "nobody wrote meanwhile")
  }), 120_000)

/** What every run of vitest has: the sources instead of the build, and no output but what is wrong. */
import type { Reporter } from "vitest/node"

const conditions = ["effect-cni-source", "node", "import", "default"]

export const sources = { ssr: { resolve: { conditions } }, resolve: { conditions } }

/** What root may skip on a host that has all that can be installed. */
const isAllowed = (reason: string) => /^this takes (an ordinary user|a kernel)/.test(reason)

/** Says why tests are skipped. Root can run nearly all of them, and with EFFECT_CNI_REQUIRE_REAL=1 has to. */
const skipped: Reporter = {
  onTestRunEnd: (modules) => {
    const counts = new Map<string, number>()
    for (const test of modules.flatMap((module) => [...module.children.allTests("skipped")])) {
      const result = test.result()
      const reason = (result.state === "skipped" ? result.note : undefined) ?? "another test says why"
      counts.set(reason, (counts.get(reason) ?? 0) + 1)
    }
    for (const [reason, count] of counts) console.log(`skipped ${count}: ${reason}`)
    const isRequired = process.env["EFFECT_CNI_REQUIRE_REAL"] === "1" && process.getuid?.() === 0
    if (!isRequired || [...counts.keys()].every(isAllowed)) return
    console.log(
      "FAILED: with EFFECT_CNI_REQUIRE_REAL=1 root may skip tests only for want of a kernel or of an ordinary user"
    )
    process.exitCode = 1
  }
}

const reporters: Array<"dot" | Reporter> = ["dot", skipped]

export const quiet = {
  // A dot for each test, and the logs of those that fail.
  reporters,
  silent: "passed-only",
  // By itself vitest leaves one core alone, which is half of two.
  maxWorkers: "100%",
  testTimeout: 60_000
} as const

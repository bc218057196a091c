/** What every run of vitest has: the sources instead of the build, and no output but what is wrong. */
const conditions = ["effect-cni-source", "node", "import", "default"]

export const sources = { ssr: { resolve: { conditions } }, resolve: { conditions } }

export const quiet = {
  // A dot for each test, and the logs of those that fail.
  reporters: "dot",
  silent: "passed-only",
  // To load the sources anew for each file would take longer than most of the tests: no test leaves anything behind.
  isolate: false,
  testTimeout: 60_000
} as const

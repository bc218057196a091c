/** `npm run test:real`: the reference plugins in real namespaces, cnitool and libcni. */
import { defineConfig } from "vitest/config"
import { quiet, sources } from "./vitest.shared.config.ts"

export default defineConfig({
  ...sources,
  test: { ...quiet, include: ["test/integration/**/*.test.ts", "test/interop/**/*.test.ts"], fileParallelism: false }
})

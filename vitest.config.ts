/** `npm test`: what takes long is done in part (test/support/extent.ts); `npm run test:slow` does all of it. */
import { defineConfig } from "vitest/config"
import { quiet, sources } from "./vitest.shared.config.ts"

export default defineConfig({
  ...sources,
  test: { ...quiet, include: ["test/**/*.test.ts"], exclude: ["test/integration/**", "test/interop/**"] }
})

/** `npm test`: what takes long is done in part (test/support/extent.ts); `npm run test:slow` does all of it. */
import { defineConfig } from "vitest/config"
import { quiet, sources } from "./vitest.shared.config.ts"

export default defineConfig({
  ...sources,
  test: {
    ...quiet,
    include: ["test/{contract,differential,domain,layers,model,processes,programs,services,structure}/**/*.test.ts"],
    // To load the sources anew for each file takes longer than most of these tests, which leave nothing behind.
    isolate: false
  }
})

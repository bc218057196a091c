/** `npm test`: what takes long is done in part (test/support/extent.ts); `npm run test:slow` does all of it. */
import { defineConfig } from "vitest/config"
import { quiet, sources } from "./vitest.shared.config.ts"

export default defineConfig({
  ...sources,
  test: {
    ...quiet,
    projects: [
      {
        extends: true,
        test: {
          name: "in memory",
          include: ["test/{domain,model,programs,services}/**/*.test.ts"],
          // To load the sources anew for each file would take longer than these tests, which leave nothing behind.
          isolate: false
        }
      },
      {
        extends: true,
        test: { name: "on a host", include: ["test/{contract,differential,layers,processes}/**/*.test.ts"] }
      }
    ]
  }
})

import { defineConfig } from "vitest/config"

export default defineConfig({
  ssr: { resolve: { conditions: ["effect-cni-source", "node", "import", "default"] } },
  resolve: { conditions: ["effect-cni-source", "node", "import", "default"] },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/integration/**", "test/interop/**"],
    testTimeout: 60_000
  }
})

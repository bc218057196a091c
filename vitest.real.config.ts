import { defineConfig } from "vitest/config"

export default defineConfig({
  ssr: { resolve: { conditions: ["effect-cni-source", "node", "import", "default"] } },
  resolve: { conditions: ["effect-cni-source", "node", "import", "default"] },
  test: {
    include: ["test/integration/**/*.test.ts", "test/interop/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000
  }
})

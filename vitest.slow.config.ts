/** `npm run test:slow`: every case and every run of those tests of which `npm test` does a part. */
import * as Fs from "node:fs"
import { defineConfig } from "vitest/config"
import { quiet, sources } from "./vitest.shared.config.ts"

const isShortened = (file: string) => Fs.readFileSync(file, "utf8").includes("/extent.ts")

export default defineConfig({
  ...sources,
  test: {
    ...quiet,
    include: Fs.globSync("test/**/*.test.ts").filter(isShortened),
    env: { EFFECT_CNI_WHOLE_EXTENT: "1" }
  }
})

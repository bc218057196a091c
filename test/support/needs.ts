/** What a test takes that not every user and host has. */
import { beforeEach } from "@effect/vitest"

/** Skips all tests of a block where something is missing, and says what that is. */
export const needs = (what: string, isThere: boolean): void =>
  beforeEach(({ skip }) => {
    if (!isThere) skip(`this takes ${what}`)
  })

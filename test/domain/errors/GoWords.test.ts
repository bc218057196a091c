/** Go's words for the error numbers of the kernel. */
import { assert, describe, it } from "@effect/vitest"
import { errnoText } from "../../../src/domain/errors/GoWords.ts"

describe("Go's words", () => {
  it("say what the kernel says to exec, and nothing of what it never does", () => {
    const said = ["EACCES", "ENOENT", "ENOEXEC", "ETXTBSY", "E2BIG", "EAGAIN", "ENOMEM", "ELOOP"].map(errnoText)
    assert.deepStrictEqual(said, [
      "permission denied",
      "no such file or directory",
      "exec format error",
      "text file busy",
      "argument list too long",
      "resource temporarily unavailable",
      "cannot allocate memory",
      "too many levels of symbolic links"
    ])
    assert.strictEqual(errnoText(""), undefined)
  })
})

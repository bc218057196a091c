/** Go's words for the error numbers of the kernel, and for how processes end. */
import { assert, describe, it } from "@effect/vitest"
import * as Os from "node:os"
import { errnoText, exitText } from "../../../src/domain/errors/GoWording.ts"

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

describe("Go's words for an exit", () => {
  it.each([
    ["SIGKILL", "signal: killed"],
    ["SIGTERM", "signal: terminated"],
    ["SIGINT", "signal: interrupt"],
    ["SIGHUP", "signal: hangup"],
    ["SIGQUIT", "signal: quit"],
    ["SIGSEGV", "signal: segmentation fault"],
    ["SIGABRT", "signal: aborted"],
    ["SIGPIPE", "signal: broken pipe"],
    ["SIG34", "signal: signal 34"],
    ["SIG64", "signal: signal 64"]
  ])("say %s as %j", (signal, words) => {
    assert.strictEqual(exitText({ _tag: "Signalled", signal }), words)
    assert.strictEqual(exitText({ _tag: "Signalled", signal, coreDumped: true }), `${words} (core dumped)`)
  })

  it("are there for every signal that has a name", () => {
    for (const signal of Object.keys(Os.constants.signals)) {
      assert.notInclude(exitText({ _tag: "Signalled", signal }), "SIG")
    }
  })

  it("say an exit status as it is", () => {
    assert.strictEqual(exitText({ _tag: "Exited", status: 3 }), "exit status 3")
  })
})

import { assert, describe, it } from "@effect/vitest"
import { PluginInfo } from "effect-cni"
import * as Result from "effect/Result"
import { invocation } from "../../support/invocation.ts"

const answer = (stdout: string, status = 1, stderr = "") =>
  PluginInfo.fromOutcome(invocation({ command: "VERSION" }), {
    exit: { _tag: "Exited", status },
    stdout: new TextEncoder().encode(stdout),
    stderr,
    durationMs: 1
  })

const ofOld = { cniVersion: "1.1.0", supportedVersions: ["0.1.0"] }

describe("PluginInfo", () => {
  it.each([
    `{"code":4,"msg":"unknown CNI_COMMAND: VERSION"}`,
    `{"cniVersion":"1.0.0","code":100,"msg":"unknown CNI_COMMAND: VERSION","details":""}`,
    `{"msg":"unknown CNI_COMMAND: VERSION","details":null}`
  ])("takes %s for what a plugin of 0.1.0 says", (stdout) => {
    assert.deepStrictEqual(answer(stdout), Result.succeed(ofOld))
  })

  it.each([
    `{"code":4,"msg":"unknown CNI_COMMAND: VERSION","details":"more"}`,
    `{"code":4,"msg":"unknown CNI_COMMAND: VERSION "}`,
    `{"code":4,"msg":"unknown CNI_COMMAND: version"}`,
    `{"code":4,"details":"unknown CNI_COMMAND: VERSION"}`,
    `unknown CNI_COMMAND: VERSION`,
    ""
  ])("takes %s for an error", (stdout) => {
    assert.strictEqual(Result.getOrThrow(Result.flip(answer(stdout)))._tag, "PluginError")
    assert.strictEqual(Result.getOrThrow(Result.flip(answer("", 1, stdout)))._tag, "PluginError")
  })
})

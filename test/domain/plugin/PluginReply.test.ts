import { assert, describe, it } from "@effect/vitest"
import { Json, PluginReply } from "effect-cni"
import * as Result from "effect/Result"
import { invocation } from "../../support/invocation.ts"

const outcome = (change: Partial<Omit<PluginReply.PluginOutcome, "stdout">> & { readonly stdout?: string }) => ({
  exit: { _tag: "Exited" as const, status: 1 },
  stderr: "",
  durationMs: 1,
  ...change,
  stdout: new TextEncoder().encode(change.stdout ?? "")
})

const complaint = (change: Parameters<typeof outcome>[0]) => {
  const { code, details, msg } = Result.getOrThrow(
    Result.flip(PluginReply.acknowledged(invocation({}), outcome(change)))
  )
  return { code, msg, details }
}

const success = { exit: { _tag: "Exited" as const, status: 0 } }

describe("PluginReply", () => {
  it("takes the error object from stdout", () => {
    assert.deepStrictEqual(complaint({ stdout: `{"code":7,"msg":"no","details":"why","x":1}`, stderr: "noise" }), {
      code: 7,
      msg: "no",
      details: "why"
    })
    assert.deepStrictEqual(complaint({ stdout: "{}" }), { code: 0, msg: "", details: undefined })
  })

  it("takes stderr where there is no stdout, and how the process ended where there is neither", () => {
    assert.strictEqual(complaint({ stderr: "oops\n" }).msg, `netplugin failed: "oops\\n": exit status 1`)
    assert.strictEqual(complaint({}).msg, "netplugin failed with no error message: exit status 1")
    const exit = { _tag: "Signalled" as const, signal: "SIGKILL" }
    assert.strictEqual(complaint({ exit }).msg, "netplugin failed with no error message: signal: killed")
  })

  it("quotes a stdout that is no error object", () => {
    for (const stdout of ["went wrong", "[1]", " ", `{"code":1} trailing`, `{"code":1,"msg":"cut`]) {
      assert.include(complaint({ stdout }).msg, `error parsing its diagnostic message ${JSON.stringify(stdout)}`)
    }
  })

  it("keeps the members of an error object that have the right type", () => {
    const { code, details, msg } = complaint({ stdout: `{"code":7,"msg":5,"details":"d"}` })
    assert.deepStrictEqual([code, details], [7, "d"])
    assert.include(msg, `"msg" has the wrong type`)
    for (const bad of ["1.5", "-1", `"7"`, "1e300", "[]", "18446744073709551616", "-9223372036854775808"]) {
      assert.strictEqual(complaint({ stdout: `{"code":${bad},"msg":"m"}` }).code, 0)
    }
  })

  it("takes every code that is an integer of 64 bits without a sign", () => {
    for (const [written, code] of [["18446744073709551615", 2 ** 64], ["11.0", 11], ["1e2", 100], ["0", 0]] as const) {
      assert.deepStrictEqual(complaint({ stdout: `{"code":${written},"msg":"m"}` }), {
        code,
        msg: "m",
        details: undefined
      })
    }
  })

  it("succeeds by the exit status alone", () => {
    const acknowledged = PluginReply.acknowledged(invocation({}), outcome({ ...success, stdout: `{"code":7}` }))
    assert.isTrue(Result.isSuccess(acknowledged))
    const failed = PluginReply.result(invocation({}), outcome({ stdout: "{}" }), "1.0.0", Json.defaultLimits)
    assert.strictEqual(Result.getOrThrow(Result.flip(failed))._tag, "PluginError")
  })

  it("says where a result is wrong, with the beginning of it", () => {
    const bad = (stdout: string) => {
      const failed = PluginReply.result(invocation({}), outcome({ ...success, stdout }), "1.0.0", Json.defaultLimits)
      const error = Result.getOrThrow(Result.flip(failed))
      assert(error._tag === "PluginOutputInvalid")
      return error
    }
    assert.strictEqual(bad("").at, "")
    assert.strictEqual(bad(`{"ips":[{"address":"nowhere"}]}`).at, "ips[0].address")
    assert.strictEqual(bad("x".repeat(10_000)).excerpt.length, 512)
    assert.strictEqual(bad(`{"x":${"[".repeat(501)}${"]".repeat(501)}}`)._tag, "PluginOutputInvalid")
  })
})

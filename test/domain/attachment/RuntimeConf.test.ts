import { assert, describe, it } from "@effect/vitest"
import { RuntimeConf } from "effect-cni"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const valid: RuntimeConf.RuntimeConf = { containerId: "c1", netns: "/run/netns/c1", ifName: "eth0" }

const issueOf = (change: Partial<RuntimeConf.RuntimeConf>) =>
  Result.getOrThrow(Result.flip(RuntimeConf.validate({ ...valid, ...change })))

describe("RuntimeConf", () => {
  it("accepts what plugins may see", () => {
    const conf: RuntimeConf.RuntimeConf = {
      ...valid,
      args: [["IgnoreUnknown", "1"], ["a=b", ""]],
      capabilityArgs: { portMappings: [{ hostPort: 8080, containerPort: 80 }] }
    }
    assert.deepStrictEqual(RuntimeConf.validate(conf), Result.succeed(conf))
    assert.isTrue(Result.isSuccess(RuntimeConf.validate({ containerId: "0_a.b-c", ifName: "a-very-long-ifn" })))
  })

  it.each(
    [
      [{ containerId: "" }, "containerId", 3],
      [{ containerId: "../../etc" }, "containerId", 4],
      [{ containerId: "-c" }, "containerId", 4],
      [{ containerId: "c\n" }, "containerId", 4],
      [{ containerId: "ç" }, "containerId", 4],
      [{ ifName: "" }, "ifName", 4],
      [{ ifName: ".." }, "ifName", 4],
      [{ ifName: "../../passwd" }, "ifName", 4],
      [{ ifName: "a:b" }, "ifName", 4],
      [{ ifName: "a\u0085b" }, "ifName", 4],
      [{ ifName: "a\0b" }, "ifName", 4],
      [{ ifName: "sixteen-bytes-it" }, "ifName", 4],
      [{ ifName: "eight-öö-öö-ö" }, "ifName", 4],
      [{ ifName: "e\ud800" }, "ifName", 4],
      [{ args: [["A", "\udc00"]] }, "args", 4],
      [{ netns: "/run/netns/a\0b" }, "netns", 4],
      [{ args: [["A", "1;B=2"]] }, "args", 4],
      [{ args: [["A;B", "1"]] }, "args", 4],
      [{ args: [["A", "\0"]] }, "args", 4],
      [{ capabilityArgs: { mac: Number.NaN } }, "capabilityArgs", 4]
    ] as const
  )("refuses %j, naming the field", (change, field, code) => {
    const issue = issueOf(change)
    assert.strictEqual(issue.field, field)
    assert.strictEqual(issue.code, code)
  })

  it("refuses network names that could leave a directory", () => {
    for (const name of ["", ".", "..", "a/b", "-a", "a\0", "a b"]) {
      const issue = Result.getOrThrow(Result.flip(RuntimeConf.validateNetworkName(name)))
      assert.deepStrictEqual([issue.field, issue.code], ["network", 7])
    }
    assert.isTrue(Result.isSuccess(RuntimeConf.validateNetworkName("my.net_1-a")))
  })

  it.prop("a string is a name of its kind or is refused with the field named", [Schema.String], ([value]) => {
    const outcomes = [
      RuntimeConf.validateContainerId(value),
      RuntimeConf.validateIfName(value),
      RuntimeConf.validateNetworkName(value)
    ]
    const fields = ["containerId", "ifName", "network"]
    for (const [at, outcome] of outcomes.entries()) {
      if (Result.isFailure(outcome)) assert.strictEqual(outcome.failure.field, fields[at])
      else assert.isFalse(/[/\0]/.test(outcome.success) || outcome.success === "")
    }
  }, { arbitrary: { runs: 1000 } })
})

/** Pictures of networks and attachments. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { mermaid } from "../../../../../src/programs/cli/handlers/attachments/diagram.ts"
import { AttachmentView } from "../../../../../src/programs/cli/handlers/views.ts"
import { session, type World } from "../../support.ts"

const world: World = {
  plugins: { bridge: { ADD: { ips: [{ address: "10.1.0.5/24" }] } } },
  networks: {
    "1.conflist": `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"bridge"}]}`,
    "2.conflist": `{"cniVersion":"1.0.0","name":"spare","plugins":[{"type":"a\\"]-->b"}]}`
  }
}

describe("effect-cni diagram", () => {
  it.effect("draws networks and what is attached as Mermaid text", () =>
    Effect.gen(function*() {
      const [, drawn] = yield* session(world, ["add", "mynet", "/x", "--container-id", "blue"], ["diagram"])
      assert.strictEqual(
        drawn?.stdout,
        `flowchart LR
    n0["mynet<br/>bridge"]
    n1["spare<br/>a#34;#93;--#62;b"]
    c0(["blue"])
    n0 ---|"eth0 10.1.0.5/24"| c0
`
      )
    }))

  const attachments = Schema.Array(AttachmentView)

  it.prop("has nothing in a label that ends it", [attachments], ([views]) => {
    for (const [label = ""] of mermaid([], views).matchAll(/"[^"]*"/g)) {
      assert.match(label, /^"(?:[\p{L}\p{N}\p{M} .,/:…-]|#\d+;|<br\/>)*"$/u)
    }
  })
})

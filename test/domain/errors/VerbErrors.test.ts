/** The errors of each verb survive the way to another process and back, with their messages. */
import { assert, describe, it } from "@effect/vitest"
import { VerbErrors } from "effect-cni"
import * as Schema from "effect/Schema"

describe("the errors of a verb", () => {
  for (const [name, schema] of Object.entries(VerbErrors)) {
    const one: Schema.Codec<{ readonly _tag: string; readonly message: string }, unknown> = schema
    const encode = Schema.encodeSync(one)
    const decode = Schema.decodeUnknownSync(one)

    it.prop(`cross as JSON: ${name}`, [one], ([error]) => {
      const text = JSON.stringify(encode(error))
      const back = decode(JSON.parse(text))
      assert.deepStrictEqual([back._tag, back.message], [error._tag, error.message])
      assert.strictEqual(JSON.stringify(encode(back)), text)
    })
  }
})

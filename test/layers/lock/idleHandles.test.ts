import { assert, describe, it } from "@effect/vitest"
import { idleHandles } from "../../../src/layers/lock/idleHandles.ts"

const closing = (most: number) => {
  const closed: Array<string> = []
  return { closed, handles: idleHandles<string>((handle) => closed.push(handle), most) }
}

describe("idle handles", () => {
  it("are given away once, and closed where there is one of their file or too many of others", () => {
    const { closed, handles } = closing(2)
    for (const [file, handle] of [["a", "1"], ["a", "2"], ["b", "3"], ["c", "4"]] as const) handles.keep(file, handle)
    assert.deepStrictEqual(closed, ["2", "1"])
    assert.deepStrictEqual(["a", "b", "b"].map(handles.take), [undefined, "3", undefined])
  })

  it("are all closed at the end, and so is what comes later", () => {
    const { closed, handles } = closing(2)
    handles.keep("a", "1")
    handles.close()
    handles.keep("b", "2")
    assert.deepStrictEqual([closed, handles.take("b")], [["1", "2"], undefined])
  })
})

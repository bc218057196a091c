/** Calls on what is attached already, is not, or is no longer what it was. */
import { D23, D28, D36, parsers } from "../reasons.ts"
import { addressing, call, list, type Scenario } from "../scenario.ts"

const one = { "1.conflist": list("1.0.0", ["a"]) }
const add = call("add", "mynet", "/run/netns/blue")
const check = call("check", "mynet", "/run/netns/blue")
const del = call("del", "mynet", "/run/netns/blue")

export const standing: ReadonlyArray<Scenario> = [
  {
    name: "check what is not attached",
    differs: { [D28]: ["0 status", "0 words", "0 invocations"] },
    networks: one,
    plugins: { a: addressing() },
    calls: [check]
  },
  {
    name: "attach what is attached",
    differs: { [D23]: ["1 status", "1 stdout", "1 words", "1 invocations"] },
    networks: one,
    plugins: { a: addressing() },
    calls: [add, add, del]
  },
  {
    name: "check and detach with a damaged record",
    differs: { [parsers]: ["1 words"] },
    networks: one,
    plugins: { a: addressing() },
    calls: [
      add,
      { ...check, before: { "cache/results/mynet-cnitool-df26705e2e4ffd095eb1-eth0": "{\"kind\":" } },
      del
    ]
  },
  {
    name: "detach after the configuration changed",
    differs: { [D36]: ["1 invocations"] },
    networks: one,
    plugins: { a: addressing(), b: addressing() },
    calls: [add, { ...del, before: { "conf/1.conflist": JSON.stringify(list("1.0.0", ["b"])) } }]
  }
]

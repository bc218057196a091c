/** Plugins that fail, or are not there. */
import { D16, D17, D2, D26, D28, D3, newer, parsers } from "../reasons.ts"
import { address, addressing, call, life, list, refusing, type Scenario } from "../scenario.ts"

const one = { "1.conflist": list("1.0.0", ["a"]) }
const two = { "1.conflist": list("1.0.0", ["a", "b"]) }
const add = call("add", "mynet", "/run/netns/blue")

export const failing: ReadonlyArray<Scenario> = [
  {
    name: "the only plugin refuses to attach",
    differs: { [D3]: ["0 invocations"], [D28]: ["1 status", "1 words", "1 invocations"] },
    networks: one,
    plugins: { a: refusing("ADD") },
    calls: life()
  },
  {
    name: "the second plugin refuses to attach",
    differs: { [D3]: ["0 invocations"] },
    networks: two,
    plugins: { a: addressing(), b: refusing("ADD") },
    calls: [add]
  },
  {
    name: "a plugin refuses to check",
    networks: two,
    plugins: { a: addressing(), b: { ...addressing(), ...refusing("CHECK") } },
    calls: life()
  },
  {
    name: "a plugin refuses to detach",
    networks: two,
    plugins: { a: addressing(), b: { ...addressing(), ...refusing("DEL") } },
    calls: life()
  },
  {
    name: "a plugin dies with words on stderr",
    differs: { [D3]: ["0 invocations"], [newer]: ["0 words"] },
    networks: one,
    plugins: { a: { ADD: { status: 3, stderr: "out of luck" } } },
    calls: [add]
  },
  {
    name: "a plugin fails and says nothing",
    differs: { [D3]: ["0 invocations"] },
    networks: one,
    plugins: { a: { ADD: { status: 1 } } },
    calls: [add]
  },
  {
    name: "a plugin fails with a result instead of an error",
    differs: { [D3]: ["0 invocations"], [parsers]: ["0 words"] },
    networks: one,
    plugins: { a: { ADD: { status: 1, stdout: "this is no JSON" } } },
    calls: [add]
  },
  {
    name: "a plugin answers nothing",
    differs: { [D3]: ["0 invocations"], [parsers]: ["0 words"] },
    networks: one,
    plugins: { a: { ADD: { stdout: "" } } },
    calls: [add]
  },
  {
    name: "a plugin answers no JSON",
    differs: { [D3]: ["0 invocations"], [parsers]: ["0 words"] },
    networks: one,
    plugins: { a: { ADD: { stdout: "hello" } } },
    calls: [add]
  },
  {
    name: "a plugin answers in a version that nobody knows",
    differs: { [D3]: ["0 invocations"] },
    networks: one,
    plugins: { a: { ADD: { stdout: address("9.9.9") } } },
    calls: [add]
  },
  {
    name: "a plugin answers in another version",
    differs: { [D17]: ["0 words", "0 invocations"] },
    networks: two,
    plugins: { a: addressing("0.4.0"), b: addressing() },
    calls: life()
  },
  {
    name: "a result with holes",
    differs: { [D26]: ["0 status", "0 stdout", "0 words", "0 records", "0 invocations"] },
    networks: one,
    plugins: { a: { ADD: { stdout: { cniVersion: "1.0.0", ips: [null] } } } },
    calls: [add]
  },
  {
    name: "large numbers and unknown members",
    differs: { [D16]: ["0 invocations"] },
    networks: { "1.conflist": list("1.0.0", [{ type: "a", large: "LARGE" }, "b"]) },
    plugins: { a: { ADD: { stdout: { ...address("1.0.0"), vendor: { keep: true } } } }, b: addressing() },
    calls: [{
      ...add,
      before: {
        "conf/1.conflist":
          `{"cniVersion":"1.0.0","name":"mynet","plugins":[{"type":"a","large":9007199254740993},{"type":"b"}]}`
      }
    }]
  },
  { name: "the first plugin is missing", differs: { [D28]: ["1 words"] }, networks: one, plugins: {}, calls: life() },
  {
    name: "the last plugin is missing",
    differs: { [D2]: ["0 invocations"] },
    networks: two,
    plugins: { a: addressing() },
    calls: [add]
  },
  {
    name: "nowhere to look for plugins",
    differs: { [D28]: ["1 words"] },
    networks: one,
    plugins: { a: addressing() },
    calls: life().map((call) => ({ ...call, environment: { CNI_PATH: "" } }))
  },
  {
    name: "a file that is no program",
    networks: one,
    plugins: {},
    calls: [{ ...add, before: { "bin/a": "text\n" } }]
  }
]

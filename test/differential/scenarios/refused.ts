/** Calls that cannot be carried out: networks that are not there or broken, arguments that make no sense. */
import { D1, D21, parsers } from "../reasons.ts"
import { addressing, call, life, list, type Scenario } from "../scenario.ts"

const one = { "1.conflist": list("1.0.0", ["a"]) }
const plugins = { a: addressing() }
const add = call("add", "mynet", "/run/netns/blue")

export const refused: ReadonlyArray<Scenario> = [
  { name: "a network that is not there", networks: one, plugins, calls: life("nope") },
  { name: "no networks at all", networks: {}, plugins, calls: [add] },
  {
    name: "a broken file beside the network",
    networks: { "1.conflist": list("1.0.0", ["a"]), "2.conflist": `{"name": "broken",` },
    plugins,
    calls: [add]
  },
  {
    name: "a broken file alone",
    differs: { [parsers]: ["0 words"] },
    networks: { "1.conflist": `{"name": "mynet",` },
    plugins,
    calls: [add]
  },
  { name: "a network without plugins", networks: { "1.conflist": list("1.0.0", []) }, plugins, calls: [add] },
  {
    name: "a network of a version that nobody knows",
    differs: { [D21]: ["0 status", "0 stdout", "0 words", "0 records", "0 invocations"] },
    networks: { "1.conflist": list("1.x", ["a"]) },
    plugins,
    calls: [add]
  },
  {
    name: "keys in other letter case",
    networks: { "1.conflist": { CNIVersion: "1.0.0", Name: "mynet", Plugins: [{ Type: "a" }] } },
    plugins,
    calls: [add]
  },
  {
    name: "arguments without a value",
    networks: one,
    plugins,
    calls: [{ ...add, environment: { CNI_ARGS: "A" } }]
  },
  {
    name: "capabilities that are no JSON",
    differs: { [parsers]: ["0 words"] },
    networks: one,
    plugins,
    calls: [{ ...add, environment: { CAP_ARGS: "[1" } }]
  },
  {
    name: "capabilities that are no object",
    differs: { [parsers]: ["0 words"] },
    networks: one,
    plugins,
    calls: [{ ...add, environment: { CAP_ARGS: "[1]" } }]
  },
  {
    name: "an interface that cannot be",
    differs: { [D1]: ["1 status", "1 words", "1 invocations", "2 status", "2 words", "2 invocations"] },
    networks: one,
    plugins,
    calls: life().map((call) => ({ ...call, environment: { CNI_IFNAME: "a/b" } }))
  }
]

/** Collecting what is no longer in use, and asking whether a network is ready. */
import { D14, D14D30, idle } from "../reasons.ts"
import { addressing, call, gc, list, refusing, type Scenario } from "../scenario.ts"

const two = { "1.conflist": list("1.1.0", ["a", "b"]) }
const plugins = { a: addressing("1.1.0"), b: addressing("1.1.0") }
const attach = (netns: string, network = "mynet") => call("add", network, `/run/netns/${netns}`)
const status = call("status", "mynet", "/run/netns/blue")

export const collecting: ReadonlyArray<Scenario> = [
  {
    name: "collect one attachment",
    differs: { [D14D30]: ["1 invocations"] },
    networks: two,
    plugins,
    calls: [attach("blue"), gc()]
  },
  {
    name: "collect where nothing is attached",
    differs: { [D14]: ["0 invocations"] },
    networks: two,
    plugins,
    calls: [gc()]
  },
  {
    name: "collect below version 1.1.0",
    differs: { [D14D30]: ["1 invocations"] },
    networks: { "1.conflist": list("1.0.0", ["a"]) },
    plugins: { a: addressing() },
    calls: [attach("blue"), gc()]
  },
  {
    name: "collect one network of two",
    differs: { [D14D30]: ["2 invocations"] },
    networks: { ...two, "2.conflist": list("1.1.0", ["b"], { name: "other" }) },
    plugins,
    calls: [attach("blue"), attach("red", "other"), gc()]
  },
  {
    name: "collect what refuses to be detached",
    differs: { [D14D30]: ["1 invocations"] },
    networks: two,
    plugins: { ...plugins, b: { ...addressing("1.1.0"), ...refusing("DEL") } },
    calls: [attach("blue"), gc()]
  },
  {
    name: "collect with a plugin that refuses",
    differs: { [D14]: ["0 invocations"] },
    networks: two,
    plugins: { ...plugins, b: { ...addressing("1.1.0"), ...refusing("GC") } },
    calls: [gc()]
  },
  {
    name: "collect where it is switched off",
    differs: { [idle]: ["1 words"] },
    networks: { "1.conflist": list("1.1.0", ["a"], { disableGC: true }) },
    plugins,
    calls: [attach("blue"), gc()]
  },
  {
    name: "collect without saying what",
    differs: { [D14]: ["1 status", "1 words", "1 records", "1 invocations"] },
    networks: two,
    plugins,
    calls: [attach("blue"), call("gc", "mynet", "/run/netns/blue")]
  },
  { name: "a network that is ready", networks: two, plugins, calls: [status] },
  {
    name: "a network that is not ready",
    networks: two,
    plugins: { ...plugins, a: refusing("STATUS", 50) },
    calls: [status]
  },
  {
    name: "a network that is ready for what is attached only",
    networks: two,
    plugins: { ...plugins, b: refusing("STATUS", 51) },
    calls: [status]
  },
  {
    name: "a network that is too old to ask",
    differs: { [idle]: ["0 words"] },
    networks: { "1.conflist": list("1.0.0", ["a"]) },
    plugins: { a: refusing("STATUS", 50) },
    calls: [status]
  },
  { name: "the status of a network whose plugin is missing", networks: two, plugins: { a: {} }, calls: [status] }
]

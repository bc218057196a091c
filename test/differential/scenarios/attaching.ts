/** Attaching, checking and detaching where nothing goes wrong. */
import { D38, idle } from "../reasons.ts"
import { address, addressing, call, life, list, type Scenario } from "../scenario.ts"

const one = { "1.conflist": list("1.0.0", ["a"]) }
const capable = { type: "a", capabilities: { portMappings: true, ips: false } }

export const attaching: ReadonlyArray<Scenario> = [
  { name: "one plugin", networks: one, plugins: { a: addressing() }, calls: life() },
  {
    name: "a chain passes on its results",
    networks: { "1.conflist": list("1.0.0", ["a", { type: "b", name: "own" }, "c"]) },
    plugins: {
      a: addressing(),
      b: { ADD: { stdout: { ...address("1.0.0"), routes: [] } } },
      c: { ADD: { stdout: { ...address("1.0.0"), dns: { domain: "<x>&y" } } } }
    },
    calls: life()
  },
  {
    name: "a relative namespace",
    networks: one,
    plugins: { a: addressing() },
    calls: life("mynet", "../../../../../../../../run/netns/red/../blue")
  },
  {
    name: "arguments of the environment",
    differs: { [D38]: ["0 words"] },
    networks: { "1.conflist": list("1.0.0", [capable, "b"]) },
    plugins: { a: addressing(), b: addressing() },
    calls: life().map((call) => ({
      ...call,
      environment: {
        CNI_ARGS: "IgnoreUnknown=1;K8S_POD_NAME=Zoë <b>",
        CAP_ARGS: `{"portMappings":[{"hostPort":8080,"containerPort":80}],"ips":["10.0.0.9/24"],"other":1}`,
        CNI_IFNAME: "net7"
      }
    }))
  },
  {
    name: "an interface by flag",
    networks: one,
    plugins: { a: addressing() },
    calls: life().map(({ args }) => ({ args, ours: ["-i", "net8"], environment: { CNI_IFNAME: "net8" } }))
  },
  {
    name: "two interfaces of one container",
    networks: one,
    plugins: { a: addressing() },
    calls: ["net1", "net2"].flatMap((CNI_IFNAME) => [
      { ...call("add", "mynet", "/run/netns/blue"), environment: { CNI_IFNAME } },
      { ...call("check", "mynet", "/run/netns/blue"), environment: { CNI_IFNAME } }
    ])
  },
  {
    name: "version 0.4.0",
    networks: { "1.conflist": list("0.4.0", ["a", "b"]) },
    plugins: { a: addressing("0.4.0"), b: addressing("0.4.0") },
    calls: life()
  },
  {
    name: "version 0.3.1, of a single plugin",
    networks: { "1.conf": { cniVersion: "0.3.1", name: "mynet", type: "a", mtu: 1400 } },
    plugins: { a: addressing("0.3.1") },
    calls: life()
  },
  {
    name: "version 0.2.0",
    networks: { "1.conflist": list("0.2.0", ["a"]) },
    plugins: {
      a: {
        ADD: {
          stdout: {
            cniVersion: "0.2.0",
            ip4: { ip: "10.1.2.3/24", gateway: "10.1.2.1", routes: [{ dst: "0.0.0.0/0" }] }
          }
        }
      }
    },
    calls: life()
  },
  {
    name: "version 1.1.0",
    networks: { "1.conflist": list("1.1.0", ["a"]) },
    plugins: {
      a: {
        ADD: {
          stdout: {
            ...address("1.1.0"),
            interfaces: [{ name: "eth0", mtu: 1450, socketPath: "/s", pciID: "0000:00:1f.6" }],
            routes: [{ dst: "0.0.0.0/0", mtu: 1400, advmss: 1360, priority: 7, table: 9, scope: 253 }]
          }
        }
      }
    },
    calls: life()
  },
  {
    name: "the highest of several versions",
    networks: { "1.conflist": list("0.4.0", ["a"], { cniVersions: ["0.3.1", "1.0.0", "1.1.0"] }) },
    plugins: { a: addressing("1.1.0") },
    calls: life()
  },
  {
    name: "a result with nothing in it",
    networks: one,
    plugins: { a: { ADD: { stdout: { cniVersion: "1.0.0" } } } },
    calls: life()
  },
  {
    name: "a network that is not checked",
    differs: { [idle]: ["1 words"] },
    networks: { "1.conflist": list("1.0.0", ["a"], { disableCheck: true }) },
    plugins: { a: addressing() },
    calls: life()
  },
  {
    name: "detach what is not attached",
    networks: one,
    plugins: { a: addressing() },
    calls: [call("del", "mynet", "/run/netns/blue")]
  },
  {
    name: "plugins that are dropped in",
    networks: {
      "1.conflist": { cniVersion: "1.1.0", name: "mynet", loadOnlyInlinedPlugins: false, plugins: [{ type: "a" }] },
      "mynet/5-b.conf": { type: "b", cniVersion: "1.1.0", name: "b" }
    },
    plugins: { a: addressing("1.1.0"), b: addressing("1.1.0") },
    calls: life()
  },
  {
    name: "several networks in one directory",
    networks: {
      "1.conflist": list("1.0.0", ["a"], { name: "other" }),
      "2.conflist": list("1.0.0", ["b"]),
      "3.conf": { cniVersion: "1.0.0", name: "mynet", type: "a" }
    },
    plugins: { a: addressing(), b: addressing() },
    calls: life()
  },
  {
    name: "what plugins say on stderr when they succeed",
    networks: one,
    plugins: { a: { ADD: { stdout: address("1.0.0"), stderr: "aside" }, CHECK: { stderr: "fine" } } },
    calls: life()
  }
]

import type { PluginRequest } from "effect-cni"

/** An ADD of a plugin, to be changed where a test wants something else. */
export const invocation = (
  change: Partial<PluginRequest.PluginInvocation>
): PluginRequest.PluginInvocation => ({
  plugin: "a",
  path: "/bin/a",
  command: "ADD",
  network: "net",
  containerId: "c1",
  ifName: "eth0",
  environment: {
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: "c1",
    CNI_NETNS: "/ns",
    CNI_ARGS: "",
    CNI_IFNAME: "eth0",
    CNI_PATH: "/bin"
  },
  stdin: "{}",
  timeLimitMs: 20_000,
  ...change
})

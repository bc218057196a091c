/** A runtime that attaches one container, by a plugin that goes on when the runtime is killed. Arguments: the host. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Cni, NetworkConfigList } from "effect-cni"
import { NodeCni } from "effect-cni/node"
import * as Effect from "effect/Effect"

const [bin = "", cache = ""] = process.argv.slice(2)

NetworkConfigList.fromText(`{"cniVersion":"1.1.0","name":"n1","plugins":[{"type":"slow"}]}`).pipe(
  Effect.flatMap((list) => Cni.addNetworkList(list, { containerId: "c1", netns: "/nowhere", ifName: "eth0" })),
  Effect.provide(NodeCni.layer({ pluginPaths: [bin], cacheDir: cache })),
  NodeRuntime.runMain
)

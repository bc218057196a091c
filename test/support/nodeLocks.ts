/** The locks of Node by either way of asking the kernel. */
import { NodeAttachmentLock, PosixSpawnPluginExec } from "effect-cni/node"
import * as Layer from "effect/Layer"

/** To be taken by the C library, koffi must be there, which the layer of `posix_spawn` loads. */
export const nodeLocks = (directory: string, by: "sqlite" | "fcntl") =>
  Layer.merge(
    NodeAttachmentLock.layer(directory, { by }),
    by === "fcntl" ? Layer.orDie(PosixSpawnPluginExec.layer) : Layer.empty
  )

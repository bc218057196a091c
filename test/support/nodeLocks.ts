/** The locks of Node by either way of asking the kernel. */
import { NodeAttachmentLock } from "effect-cni/node"

export const nodeLocks = (directory: string, by: "sqlite" | "fcntl") => NodeAttachmentLock.layer(directory, { by })

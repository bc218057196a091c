import { FileSystemAttachmentCache } from "effect-cni/node"
import { MemoryAttachmentCache } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { temporaryDirectory, writeFile } from "../support/directory.ts"
import { contract } from "./AttachmentCache.contract.ts"

contract("memory", (files) => Effect.succeed(MemoryAttachmentCache.layer(files)))

contract("file system", (files) =>
  Effect.map(temporaryDirectory, (directory) => {
    for (const [name, text] of Object.entries(files)) writeFile(`${directory}/results`, name, text, 0o600)
    return FileSystemAttachmentCache.layer(directory)
  }))

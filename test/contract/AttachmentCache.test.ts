import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { FileSystemAttachmentCache, SyncFileSystem } from "effect-cni/node"
import { MemoryAttachmentCache } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { temporaryDirectory, writeFile } from "../support/directory.ts"
import { contract, type World } from "./AttachmentCache.contract.ts"

contract("memory", (files) => Effect.succeed(MemoryAttachmentCache.layer(files)))

const onDisk = (fileSystem: Layer.Layer<FileSystem.FileSystem>): World => (files) =>
  Effect.map(temporaryDirectory, (directory) => {
    for (const [name, text] of Object.entries(files)) writeFile(`${directory}/results`, name, text, 0o600)
    return FileSystemAttachmentCache.layer(directory).pipe(Layer.provide([fileSystem, NodePath.layer]))
  })

contract("file system", onDisk(NodeFileSystem.layer))
contract("file system, synchronous calls", onDisk(SyncFileSystem.layer))

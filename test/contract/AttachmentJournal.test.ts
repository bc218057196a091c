import { NodeAttachmentJournal } from "effect-cni/node"
import { MemoryAttachmentJournal } from "effect-cni/testing"
import * as Effect from "effect/Effect"
import { shardOf } from "../../src/layers/journal/journalFiles.ts"
import { temporaryDirectory, writeFile } from "../support/directory.ts"
import { contract } from "./AttachmentJournal.contract.ts"

contract("memory", (files) => Effect.succeed(MemoryAttachmentJournal.layer(files)))

contract("Node", (files) =>
  Effect.map(temporaryDirectory, (directory) => {
    for (const [name, text] of Object.entries(files)) {
      writeFile(`${directory}/effect-cni/journal/${shardOf(name.split("-")[1] ?? "")}`, name, text, 0o600)
    }
    return NodeAttachmentJournal.layer(directory)
  }))

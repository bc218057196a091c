/** What a runtime that died has left in its journal. */
import type { AttachmentKey, JournalEntry } from "effect-cni"

const deadOwner = { pid: 4711, startTime: "1", lease: "dead" }

/** An entry of an ADD whose runtime died before it had started a plugin. */
export const leftBehind = (key: AttachmentKey.AttachmentKey): JournalEntry.JournalEntry => ({
  ...key,
  id: "1",
  state: "adding",
  cniVersion: "1.0.0",
  plugins: [{ type: "a" }, { type: "b" }],
  netns: "",
  cniArgs: [],
  capabilityArgs: {},
  namespace: undefined,
  owner: deadOwner,
  scoped: false,
  operation: { owner: deadOwner, netns: "", searchPath: "" },
  look: undefined,
  ownNamespace: false,
  result: undefined,
  done: 0,
  running: undefined,
  since: 0,
  changed: 0,
  issue: undefined
})

/** `effect-cni recover`. */
import * as Command from "effect/cli/Command"
import { lazily } from "../internal/lazily.ts"

export const recover = Command.make("recover", {}, lazily(() => import("../handlers/recover.ts"))).pipe(
  Command.withDescription(
    "Finish what runtimes have left that died: attachments that were half made or half deleted, and those that were to " +
      "end with their process; on all networks. Namespaces that a killed exec has left go too, with what runs in them. " +
      "What is attached, or worked at by others, is left alone. Exit status 1 where something could not be deleted."
  ),
  Command.withShortDescription("Clean up after runtimes that died"),
  Command.withExamples([
    { command: "effect-cni recover", description: "After a crash, or a kill -9" },
    {
      command: "effect-cni recover --plugin-dir /opt/cni/bin",
      description: "With the plugins that the attachments need"
    }
  ])
)

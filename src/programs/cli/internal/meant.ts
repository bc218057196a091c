/** Which command somebody may have meant who wrote the name of none. */
import { similarTo } from "../../../domain/config/SimilarNames.ts"
import { helpOf, toRun } from "./commands.ts"

const looking = ["attachments", "diagram", "inspect", "networks", "plugins", "status", "validate"]
const withoutArguments = new Set(["attachments", "diagram", "networks", "plugins", "validate"])
const changing = ["abandon", "add", "check", "del", "exec", "gc", "recover"]

/** What other programs call it. */
const synonyms: Readonly<Record<string, ReadonlyArray<string>>> = {
  attachments: ["ls", "list", "ps", "show", "get", "list-attachments"],
  inspect: ["describe", "info"],
  networks: ["network", "net", "nets", "conf", "config"],
  add: ["attach", "up", "connect", "create", "setup"],
  del: ["rm", "remove", "delete", "detach", "down", "disconnect", "teardown"],
  exec: ["run"],
  gc: ["prune", "clean", "cleanup"],
  validate: ["lint"],
  plugins: ["version", "versions"]
}

/** Advice that looks, or says what a command does: never a command that changes something. */
export const meant = (word: string): ReadonlyArray<string> => {
  const synonym = Object.keys(synonyms).find((name) => synonyms[name]?.includes(word))
  const found = synonym === undefined ? [...similarTo(word, looking), ...mistyped(word)] : [synonym]
  return found.slice(0, 3).flatMap((name) =>
    withoutArguments.has(name)
      ? toRun(`did you mean "${name}"`, `effect-cni ${name}`)
      : toRun(`did you mean "${name}"? To see what it does`, helpOf(name))
  )
}

// A short word is near to everything.
const mistyped = (word: string): ReadonlyArray<string> => {
  const [nearest] = similarTo(word, changing)
  return nearest !== undefined && word.length > 2 && nearest.startsWith(word.charAt(0)) ? [nearest] : []
}

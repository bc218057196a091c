/** The commands that are printed as advice: each works as it is printed, with the directories of the call that prints it. */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { AttachmentKey } from "../../../domain/attachment/AttachmentKey.ts"
import { validateContainerId, validateIfName, validateNetworkName } from "../../../domain/attachment/RuntimeConf.ts"
import { shellWord } from "../../../domain/errors/GoWording.ts"
import type { Directories } from "../flags.ts"

/** The directories of a call that names none. */
export const noDirectories: Directories = { confDir: Option.none(), pluginDirs: [], cacheDir: Option.none() }

/** Detaches an attachment. */
export const delOf = (key: AttachmentKey, directories: Directories): ReadonlyArray<string> =>
  ofAttachment(key, ["del", key.network, "--container-id", key.containerId, ...flag("-i", [key.ifName])], directories)

/** Forgets an attachment, without asking again. */
export const abandonOf = (key: AttachmentKey, directories: Directories): ReadonlyArray<string> =>
  ofAttachment(key, ["abandon", key.network, `${key.containerId}:${key.ifName}`, "--yes"], directories)

/** Cleans up after runtimes that died. */
export const recoverOf = (directories: Directories): string => line(["recover"], directories)

/** Shows what is attached. */
export const attachmentsOf = (directories: Directories): string => line(["attachments"], directories)

/** Asks a plugin which versions it speaks. */
export const pluginsOf = (type: string, directories: Directories): string => line(["plugins", type], directories)

/** Says what a command does. */
export const helpOf = (command: string): string => line([command, "--help"], noDirectories)

/** Advice with commands, each on its own line, so that it can be copied. */
export const toRun = (purpose: string, commands: string | ReadonlyArray<string>): ReadonlyArray<string> =>
  [commands].flat().flatMap((command) => [`${purpose}:`, `  ${command}`])

/** Advice on an attachment that could not be deleted. */
export const leftBehind = (key: AttachmentKey, directories: Directories): ReadonlyArray<string> => [
  ...toRun("when its plugins work again", recoverOf(directories)),
  ...toRun("to forget it, when they never will", abandonOf(key, directories))
]

// Other runtimes have stored names that no command takes.
const ofAttachment = (
  { containerId, ifName, network }: AttachmentKey,
  words: ReadonlyArray<string>,
  directories: Directories
): ReadonlyArray<string> =>
  [validateNetworkName(network), validateContainerId(containerId), validateIfName(ifName)].every(Result.isSuccess)
    ? [line(words, directories)]
    : []

const line = (words: ReadonlyArray<string>, { cacheDir, confDir, pluginDirs }: Directories): string =>
  [
    "effect-cni",
    ...words,
    ...flag("--conf-dir", Option.toArray(confDir)),
    ...flag("--plugin-dir", pluginDirs),
    ...flag("--cache-dir", Option.toArray(cacheDir))
  ].map(shellWord).join(" ")

const flag = (name: string, values: ReadonlyArray<string>): ReadonlyArray<string> =>
  values.flatMap((value) => value.startsWith("-") ? [`${name}=${value}`] : [name, value])

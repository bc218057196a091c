/** The configuration and the parameters that an attachment was made with, as the cache has them. */
import type { RuntimeConf } from "../attachment/RuntimeConf.ts"

/** `config`: the text of the configuration; `conf`: the caller's parameters, with the stored arguments put in. */
export interface CachedConfig {
  readonly config: Uint8Array
  readonly conf: RuntimeConf
}

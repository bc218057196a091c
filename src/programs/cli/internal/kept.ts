/** Attachments as they are written on a command line: `ID:IFNAME`. */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { validateContainerId, validateIfName } from "../../../domain/attachment/RuntimeConf.ts"
import type { GcAttachment } from "../../gcNetworkList.ts"

/** Neither of the two may hold a colon. */
export const parseKept = (text: string): Option.Option<GcAttachment> => {
  const [containerId = "", ifName = "", ...more] = text.split(":")
  const isUsable = more.length === 0 && Result.isSuccess(validateContainerId(containerId)) &&
    Result.isSuccess(validateIfName(ifName))
  return isUsable ? Option.some({ containerId, ifName }) : Option.none()
}

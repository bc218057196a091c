/** Checks an attachment. */
import { checkNetworkList } from "../../../checkNetworkList.ts"
import { handler, operating, remark } from "../../call/handler.ts"
import { inLibcniWords } from "../../failure/failure.ts"
import { type AttachmentArgs, loadAttachment } from "./attachmentArgs.ts"

export const run = handler("check", operating, function*(input: AttachmentArgs, call) {
  const { conf, network } = yield* loadAttachment("check", input, call)
  yield* checkNetworkList(network, conf).pipe(inLibcniWords("checkNetworkList", network))
  if (!network.disableCheck) return { result: null }
  yield* remark(`check does nothing on network "${network.name}": its configuration has disableCheck`, call)
  return { result: { done: false, reason: "disableCheck" } }
})

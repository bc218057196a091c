/** An error of the library in the form that vectors have for errors. */
import { CniError } from "effect-cni"
import type { Failure, Failures } from "./vector.ts"

type Options = Omit<CniError.FormatOptions, "dialect">

/** What vectors say of an error; its text is libcni's. */
export const observe = (options: Options = {}) => (error: CniError.AnyError): Failure | Failures => {
  const text = CniError.format(error, { dialect: "libcni", ...options })
  switch (error._tag) {
    case "GcIncomplete":
      return {
        text,
        errors: error.failures.map((failure) => ({
          ...single(failure.error),
          text: CniError.format(new CniError.GcIncomplete({ network: error.network, failures: [failure] }), {
            dialect: "libcni"
          })
        }))
      }
    case "NetworkInvalid":
      return {
        text,
        errors: error.failures.map((failure) => ({
          ...single(failure),
          text: CniError.format(failure, { dialect: "libcni" })
        }))
      }
    default:
      return { ...single(error), text }
  }
}

const single = (error: CniError.AnyError): Failure => ({
  tag: error._tag,
  ...("code" in error && { code: error.code }),
  ...("msg" in error && { msg: error.msg }),
  ...("details" in error && error.details !== undefined && { details: error.details }),
  ...("plugin" in error && { plugin: error.plugin })
})

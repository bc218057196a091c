/** To be imported first: hides koffi, as if it were not installed. */
import * as Module from "node:module"

Module.registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier !== "koffi") return next(specifier, context)
    throw Object.assign(new Error("Cannot find package 'koffi'"), { code: "ERR_MODULE_NOT_FOUND" })
  }
})

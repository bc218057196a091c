/** The second plugin of the chain: takes the ports that the runtime asks for, and passes the result on. */
import { Json } from "effect-cni"
import { passedOn, serve } from "./plugin.ts"

const describe = (mapping: Json.Json): string =>
  Json.isJsonObject(mapping) ? `port ${Number(mapping["hostPort"])} to ${Number(mapping["containerPort"])}` : "no port"

serve((call) => {
  const { runtimeConfig } = call.config.json
  const mappings = Json.isJsonObject(runtimeConfig) ? runtimeConfig["portMappings"] : undefined
  return {
    taken: Json.isJsonArray(mappings) ? mappings.map(describe).join(", ") : "no port",
    answer: passedOn(call)
  }
})

/** The third plugin of the chain: writes a rule first, and only then notices whether its table had room for one more. */
import * as Effect from "effect/Effect"
import { passedOn, refusal, serve } from "./plugin.ts"

serve((call, others) => {
  const maxRules = Number(call.config.json["maxRules"])
  return {
    taken: `accept ${call.containerId}`,
    answer: others.length < maxRules
      ? passedOn(call)
      : Effect.fail(refusal(101, "the rule table is full", `maxRules is ${maxRules}`))
  }
})

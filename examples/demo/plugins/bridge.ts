/** The first plugin of the chain: gives the interface the lowest free address of its subnet, and makes the result. */
import * as Effect from "effect/Effect"
import { serve, text } from "./plugin.ts"

serve((call, others) => {
  const [network] = text(call, "subnet").split(".0/")
  let host = 2
  while (others.includes(`${network}.${host}/24`)) host++
  const address = `${network}.${host}/24`
  return {
    taken: address,
    answer: Effect.succeed({
      interfaces: [{ name: text(call, "bridge") }, { name: call.ifName, sandbox: call.netns }],
      ips: [{ address, gateway: `${network}.1`, interface: 1 }]
    })
  }
})

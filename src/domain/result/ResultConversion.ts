/** From one format of results to the next: what the newer one can say of the older one, and the other way round. */
import * as Result from "effect/Result"
import { type Dns, isIpv4, type Result020, type Result040, type Result100, type Route } from "./ResultFormat.ts"

type Family = NonNullable<Result020["ip4"]>

/** 0.1 and 0.2 to 0.3 and 0.4: one address of each family becomes a list, their routes move to the top. */
export const to040From020 = ({ dns, ip4, ip6 }: Result020): Result040 => ({
  ips: [...(ip4 ? [address("4", ip4)] : []), ...(ip6 ? [address("6", ip6)] : [])],
  routes: [...(ip4?.routes ?? []), ...(ip6?.routes ?? [])].map(wholeRoute),
  ...(dns && { dns: wholeDns(dns) })
})

const address = (version: "4" | "6", { gateway, ip }: Family) => ({
  version,
  address: ip,
  ...(gateway !== undefined && { gateway })
})

const shortRoute = ({ dst, gw }: Route): Route => ({ dst, ...(gw !== undefined && { gw }) })

/** 0.3 and 0.4 to 1.x: addresses need no family any more. */
export const to100From040 = ({ dns, interfaces, ips, routes }: Result040): Result100 => ({
  interfaces: (interfaces ?? []).map(oldInterface),
  ips: (ips ?? []).map(({ address, gateway, interface: index }) => ({
    address,
    ...(gateway !== undefined && { gateway }),
    ...(index !== undefined && { interface: index })
  })),
  routes: (routes ?? []).map(wholeRoute),
  ...(dns && { dns: wholeDns(dns) })
})

/** 1.x to 0.3 and 0.4: the family of an address is derived; mtu, socketPath and pciID of interfaces are dropped. */
export const to040From100 = ({ dns, interfaces, ips, routes }: Result100): Result040 => ({
  interfaces: (interfaces ?? []).map(oldInterface),
  ips: (ips ?? []).map(({ address, gateway, interface: index }) => ({
    version: isIpv4(address) ? "4" : "6",
    address,
    ...(gateway !== undefined && { gateway }),
    ...(index !== undefined && { interface: index })
  })),
  routes: (routes ?? []).map(wholeRoute),
  ...(dns && { dns: wholeDns(dns) })
})

/** 0.3 and 0.4 to 0.1 and 0.2: the first address of each family, and the routes of that family. None at all fails. */
export const to020From040 = ({ dns, ips, routes }: Result040): Result.Result<Result020, string> => {
  const ip4 = family("4", ips ?? [], (routes ?? []).filter(({ dst }) => isIpv4(dst)))
  const ip6 = family("6", ips ?? [], (routes ?? []).filter(({ dst }) => !isIpv4(dst)))
  return ip4 === undefined && ip6 === undefined
    ? Result.fail("cannot convert: no valid IP addresses")
    : Result.succeed({ ...(ip4 && { ip4 }), ...(ip6 && { ip6 }), ...(dns && { dns: wholeDns(dns) }) })
}

const family = (
  version: "4" | "6",
  ips: NonNullable<Result040["ips"]>,
  routes: ReadonlyArray<Route>
): Family | undefined => {
  const first = ips.find((ip) => ip.version === version)
  return first && {
    ip: first.address,
    ...(first.gateway !== undefined && { gateway: first.gateway }),
    ...(routes.length > 0 && { routes: routes.map(shortRoute) })
  }
}

const oldInterface = (
  { mac, name, sandbox }: { readonly name: string; readonly mac?: string; readonly sandbox?: string }
) => ({
  name,
  ...(mac !== undefined && { mac }),
  ...(sandbox !== undefined && { sandbox })
})

const wholeRoute = ({ advmss, dst, gw, mtu, priority, scope, table }: Route): Route => ({
  dst,
  ...(gw !== undefined && { gw }),
  ...(mtu !== undefined && { mtu }),
  ...(advmss !== undefined && { advmss }),
  ...(priority !== undefined && { priority }),
  ...(table !== undefined && { table }),
  ...(scope !== undefined && { scope })
})

const wholeDns = ({ domain, nameservers, options, search }: Dns): Dns => ({
  ...(nameservers !== undefined && { nameservers }),
  ...(domain !== undefined && { domain }),
  ...(search !== undefined && { search }),
  ...(options !== undefined && { options })
})

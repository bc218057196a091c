/** The configurations of the demo's networks, as they would stand in /etc/cni/net.d. */

/** Three plugins that keep their allocations in a directory. */
export const demo = (stateDir: string): string =>
  `{
  "cniVersion": "1.0.0",
  "name": "demo",
  "plugins": [
    {
      "type": "demo-bridge",
      "bridge": "demo0",
      "subnet": "10.22.0.0/24",
      "stateDir": ${JSON.stringify(stateDir)}
    },
    {
      "type": "demo-portmap",
      "capabilities": { "portMappings": true },
      "stateDir": ${JSON.stringify(stateDir)}
    },
    {
      "type": "demo-firewall",
      "maxRules": 1,
      "stateDir": ${JSON.stringify(stateDir)}
    }
  ]
}`

/**
 * A bridge with addresses from host-local, without masquerading. The version is the oldest with CHECK, which the plugins
 * of every distribution speak.
 */
export const real = (options: { readonly bridge: string; readonly subnet: string; readonly dataDir: string }): string =>
  `{
  "cniVersion": "0.4.0",
  "name": "real",
  "plugins": [
    {
      "type": "bridge",
      "bridge": ${JSON.stringify(options.bridge)},
      "isGateway": true,
      "ipMasq": false,
      "ipam": {
        "type": "host-local",
        "ranges": [[{ "subnet": ${JSON.stringify(options.subnet)} }]],
        "dataDir": ${JSON.stringify(options.dataDir)}
      }
    }
  ]
}`

/** Finds a fixed set of plugins, for tests. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { InvalidPluginType, PluginNotFound } from "../../domain/errors/CniError.ts"
import { inByteOrder } from "../../domain/json/Json.ts"
import { PluginDiscovery } from "../../services/plugin/PluginDiscovery.ts"

/** Finds these plugin types, in the directory `/memory/bin`, which need not exist. */
export const layer = (types: ReadonlyArray<string>): Layer.Layer<PluginDiscovery> =>
  Layer.succeed(
    PluginDiscovery,
    PluginDiscovery.of({
      searchPath: directory,
      installed: Effect.succeed(
        inByteOrder(types).map((type) => ({ type, path: `${directory}/${type}`, isExecutable: true }))
      ),
      fingerprint: (path) => Effect.succeed(path),
      find: (type) => {
        if (type === "" || /[/\0]/.test(type)) return Effect.fail(new InvalidPluginType({ plugin: type }))
        return types.includes(type)
          ? Effect.succeed(`${directory}/${type}`)
          : Effect.fail(new PluginNotFound({ plugin: type, searched: [directory] }))
      }
    })
  )

const directory = "/memory/bin"

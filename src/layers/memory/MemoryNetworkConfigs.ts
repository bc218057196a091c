/** Networks that are configured by texts in memory, for tests: found, ordered and refused as files are. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { inByteOrder } from "../../domain/json/Json.ts"
import { NetworkConfigs } from "../../services/network/NetworkConfigs.ts"
import * as ConfigFiles from "../config/configFiles.ts"

/** The networks of these texts, by file name: `10-mynet.conflist`, or `mynet/20-tuning.conf` for a drop-in. */
export const layer = (files: Readonly<Record<string, string>>): Layer.Layer<NetworkConfigs> => {
  const texts = new Map(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]))
  return Layer.succeed(
    NetworkConfigs,
    ConfigFiles.make({
      directory,
      dropInsOf: (file, network) => `${file.slice(0, file.lastIndexOf("/"))}/${network}`,
      list: (place) =>
        Effect.succeed(
          inByteOrder([...texts.keys()].filter((file) => file.slice(0, file.lastIndexOf("/")) === place))
        ),
      read: (file) =>
        Effect.succeed(Option.map(Option.fromNullishOr(texts.get(file)), (text) => new TextEncoder().encode(text)))
    })
  )
}

const directory = "/memory/net.d"

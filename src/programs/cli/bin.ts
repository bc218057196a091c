/** What the package installs as `effect-cni`: the command, which starts faster the second time. */
import { keepCompiled } from "../../layers/host/compileCache.ts"

keepCompiled("effect-cni")
void import("./main.ts").then(({ main }) => main())

/** The ledger plugin: an executable that does what its configuration says, and writes down when. */
import { writeFile } from "../support/directory.ts"
import type { Dice } from "./dice.ts"
import type { Weights } from "./seams.ts"

/** The plugins of a chain; one executable under three names. */
export const ledgerTypes = ["ledger-a", "ledger-b", "ledger-c"] as const

/** Puts the plugins into `<base>/plugins`; what they allocate and say is to be found beside that. */
export const writeLedgerPlugins = (base: string): void => {
  for (const type of ledgerTypes) writeFile(base, `plugins/${type}`, script, 0o755)
  for (const directory of ["allocations", "refusals"]) writeFile(base, `${directory}/.keep`, "")
}

/**
 * The chain of one operation. `behaviour` is, in this order: the ID of the operation, which is kept in the allocations
 * and in the result; seconds before and after the middle of a run; whether SIGTERM ends it; when an ADD fails; whether
 * the first DEL with this ID is refused.
 */
export const ledgerChain = (
  network: string,
  id: string,
  dice: Dice,
  { failing, refusing }: Pick<Weights, "failing" | "refusing">,
  fixedSeconds: number | null
): string => {
  const isFailing = dice.chance(failing)
  const unlucky = isFailing ? dice.pick(ledgerTypes) : undefined
  const plugins = ledgerTypes.map((type) => {
    // Mostly short: more happens before the kill.
    const seconds = fixedSeconds ?? 0.05 + 0.45 * dice.between(0, 1) ** 2
    const before = seconds * dice.between(0, 1)
    const term = dice.chance(0.2) ? "stubborn" : "polite"
    const fails = type === unlucky ? dice.pick(["early", "late"]) : "never"
    const refuses = dice.chance(refusing) ? "once" : "never"
    return { type, behaviour: [id, before.toFixed(3), (seconds - before).toFixed(3), term, fails, refuses].join(" ") }
  })
  return JSON.stringify({ cniVersion: "1.1.0", name: network, plugins })
}

// The members of its configuration are sorted by name. Its last words come before its answer, which kills it when its runtime is dead.
const script = `#!/bin/sh
plugin=\${0##*/}
base=\${0%/plugins/*}
owner=$CNI_CONTAINERID,$CNI_IFNAME
say() { echo "$1 $$ $2" >> "$base/log"; }
refuse() {
  say "$1"
  say ended
  echo '{"cniVersion":"1.1.0","code":100,"msg":"as it was told"}'
  exit 1
}
trap 'say stopped; say ended; exit 143' TERM
say started "$CNI_COMMAND $plugin $owner"
IFS= read -r config
case $config in *'"behaviour":"'*) ;; *) refuse untold ;; esac
behaviour=\${config#*'"behaviour":"'}
set -- \${behaviour%%\\"*}
id=$1 before=$2 after=$3 term=$4 fails=$5 refuses=$6
network=\${config#*'"name":"'}
network=\${network%%\\"*}
say told "$network"
[ $term = polite ] || trap '' TERM
file=$base/allocations/$plugin,$network,$owner
sleep $before
case $CNI_COMMAND in
  ADD)
    [ $fails != early ] || refuse failed
    [ ! -e "$file" ] || say met "\${file##*/}"
    echo $id > "$file"
    say allocated
    sleep $after
    [ $fails != late ] || refuse failed
    say ended
    case $config in
      *'"prevResult":'*)
        result=\${config#*'"prevResult":'}
        echo "\${result%,\\"type\\":*}" ;;
      *) echo '{"cniVersion":"1.1.0","ips":[{"address":"10.9.8.7/24"}],"dns":{"domain":"'$id'"}}' ;;
    esac ;;
  DEL)
    if [ $refuses = once ] && [ ! -e "$base/refusals/$plugin,$id" ]; then
      : > "$base/refusals/$plugin,$id"
      refuse refused
    fi
    rm -f "$file"
    say freed
    sleep $after
    say ended ;;
  GC)
    for file in "$base/allocations/$plugin,$network,"*; do
      [ -e "$file" ] || continue
      owner=\${file##*/$plugin,$network,}
      case $config in
        *'{"containerID":"'"\${owner%,*}"'","ifname":"'"\${owner#*,}"'"}'*) ;;
        *) rm -f "$file"; say collected "\${file##*/}" ;;
      esac
    done
    sleep $after
    say ended ;;
esac`

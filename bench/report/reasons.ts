/** Why a figure is not what is hoped for: what was found out about it, with what is measured beside to check it by. */

const plugins =
  "The plugins themselves take nearly all of it: bridge, portmap and firewall run `iptables`, on two cores."

const list = "A record is opened, read, closed and parsed, of which `JSON.parse` and the system take most."

const young =
  "With Node, effect and this library loaded, a process takes 97 MB before it has done anything; the rest is V8's room for new objects, which by default grows to three times 32 MB, and what waits for the next full collection. Nothing leaks: after a full collection, 23 MB of the heap are left in use. `…-tuned` is what a host gets that holds its processes small."

/** By measure. */
export const reasons: Readonly<Record<string, string>> = {
  "real-1": plugins,
  "real-8": plugins,
  "safety-real": `${plugins} Journal and locks are about a millisecond of a chain of 200; what is more is noise.`,
  "gc-waiting": "It waits for 32 plugins at a time, and starts 600 processes meanwhile, which takes the rest.",
  "gc-real": plugins,
  "list-1000": list,
  "list-10000": list,
  "list-filtered-10000": "The directory is listed by another thread, so that the event loop goes on.",
  "delay-noop-32":
    "A start holds up the thread for a fraction of a millisecond, and several operations go on in one turn of the event loop when their plugins end together; collections of garbage come on top.",
  "delay-list-10000": "Records are read for 4 ms at a time; a collection of the garbage that they leave takes longer.",
  "cold-start":
    "effect with its Schema, our errors and effect/cli are evaluated, and Node loads its streams and sockets to start a plugin; `docs/decisions.md` says what keeps it short.",
  "memory-rss": young,
  "memory-growth": young
}

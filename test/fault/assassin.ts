/** A thread that kills its own process, even while that does something that cannot be interrupted. */
import { Worker } from "node:worker_threads"

/** Gives what calls it: the process is gone so many µs later, and as long as it takes to wake a thread. */
export const assassin = (afterUs: number): () => void => {
  const called = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(text, { eval: true, workerData: { afterUs, called } })
  worker.unref()
  return () => {
    Atomics.store(called, 0, 1)
    Atomics.notify(called, 0)
  }
}

const text = `
const { workerData: { afterUs, called } } = require("node:worker_threads")
Atomics.wait(called, 0, 0)
const end = performance.now() + afterUs / 1000
while (performance.now() < end);
process.kill(process.pid, "SIGKILL")
`

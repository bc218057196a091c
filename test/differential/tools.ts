/** The tools that are compared. */
import type { Tool } from "./host.ts"

/** Our command, as a program. */
export const oursBy = (program: ReadonlyArray<string>): Tool => (directory, { args, ours = [] }) => ({
  command: [...program, ...args, ...ours],
  environment: { CNI_CACHE_DIR: `${directory}/cache`, XDG_CACHE_HOME: directory }
})

/** cnitool itself, whose records are always in /var/lib/cni: it gets one of its own, in a mount namespace. */
export const cnitoolBy = (program: string): Tool => (directory, { args }) => {
  const mounted = `mount -t tmpfs none /var/lib && mkdir /var/lib/cni && mount --bind "$0" /var/lib/cni && exec "$@"`
  return {
    command: ["unshare", "--mount", "sh", "-c", mounted, `${directory}/cache`, program, ...args],
    environment: {}
  }
}

/** A stand-in for cnitool that takes the directory of records from CNI_CACHE_DIR. */
export const standInBy = (program: string): Tool => (directory, { args }) => ({
  command: [program, ...args],
  environment: { CNI_CACHE_DIR: `${directory}/cache` }
})

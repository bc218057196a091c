/** The optional package koffi, which calls functions of the C library for us. */
import type * as Package from "koffi"

export type Koffi = typeof Package

let loaded: Koffi | undefined

/** Loads it, which takes some 10 ms. Rejects where it is not installed or has no binary for this machine. */
export const load = async (): Promise<Koffi> => loaded ??= await import("koffi")

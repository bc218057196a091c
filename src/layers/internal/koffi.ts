/** The optional package koffi, which calls functions of the C library for us. */
import type * as Package from "koffi"

export type Koffi = typeof Package

/** Loads it, which takes some 10 ms the first time. Rejects where it is not installed or has no binary for this machine. */
export const load = (): Promise<Koffi> => import("koffi")

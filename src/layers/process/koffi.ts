/** The package koffi, which calls functions of the C library for us. It is installed with this one where npm can. */
import type * as Package from "koffi"

export type Koffi = typeof Package

/**
 * Loads it, which takes some 10 ms the first time. Rejects where it is not installed or has no binary for this machine.
 * Bundlers do not see the name, so that a program can be bundled where koffi is not, and needs no setting to leave it out.
 */
export const load = (): Promise<Koffi> => import(/* webpackIgnore: true */ /* @vite-ignore */ name())

const name = (): string => "koffi"

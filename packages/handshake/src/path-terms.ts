import { describe } from '@stt/errors'
import type { PathTerms } from '@stt/frame'

/** The terms that a side states by default. */
export const DEFAULT_PATHS: PathTerms = { version: 1, maxPaths: 4, punch: false, detached: 0 }

/** The terms of a session between two sides that state `a` and `b`. */
// spec: STT-HS-48
export function agreedPaths(a: PathTerms, b: PathTerms): PathTerms {
  return {
    version: Math.min(a.version, b.version),
    maxPaths: Math.min(a.maxPaths, b.maxPaths),
    punch: a.punch && b.punch,
    detached: Math.min(a.detached, b.detached),
  }
}

/** A sentence that names the first term out of range; undefined when all are in range. */
// spec: STT-HS-47
export function pathsFault(paths: { readonly [Term in keyof PathTerms]: unknown }): string | undefined {
  for (const [term, least, most] of RANGES) {
    const value = paths[term] as number
    if (Number.isSafeInteger(value) && value >= least && value <= most) continue
    return `paths.${term} is an integer from ${least} to ${most}, not ${describe(value)}`
  }
  return typeof paths.punch === 'boolean' ? undefined : `paths.punch is true or false, not ${describe(paths.punch)}`
}

const RANGES: readonly (readonly [term: keyof PathTerms, least: number, most: number])[] = [
  ['version', 1, 255],
  ['maxPaths', 1, 16],
  ['detached', 0, Number.MAX_SAFE_INTEGER],
]

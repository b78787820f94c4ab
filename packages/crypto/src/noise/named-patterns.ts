import { checkType, SttError } from '@stt/errors'
import type { NoisePattern } from './patterns.ts'

/**
 * The pattern of a name, such as `XXpsk0+psk3`, of all that Noise defines. A program that uses only one can write it out and
 * not load the others.
 *
 * @throws STT_INVALID_ARGUMENT for a name that Noise does not define
 */
export function noisePattern(name: string): NoisePattern {
  checkType(name, 'the name of a Noise pattern', 'string')
  const parts = /^([A-Z0-9]+)(psk\d(?:\+psk\d)*)?$/.exec(name)
  const messages = parts === null ? undefined : PATTERNS[parts[1]!]
  if (messages === undefined) throw new SttError('STT_INVALID_ARGUMENT', `there is no Noise pattern named ${name}`)
  return { name, messages }
}

/**
 * Noise §7.4, §7.5 and appendix 18.1. A line for each message, the initiator's first; `pre i`, `pre r` when the
 * initiator's, the responder's static key is known before the first.
 */
const PATTERNS: Readonly<Record<string, string>> = {
  N: 'pre r / e es',
  K: 'pre i r / e es ss',
  X: 'pre r / e es s ss',

  NN: 'e / e ee',
  NK: 'pre r / e es / e ee',
  NX: 'e / e ee s es',
  KN: 'pre i / e / e ee se',
  KK: 'pre i r / e es ss / e ee se',
  KX: 'pre i / e / e ee se s es',
  XN: 'e / e ee / s se',
  XK: 'pre r / e es / e ee / s se',
  XX: 'e / e ee s es / s se',
  IN: 'e s / e ee se',
  IK: 'pre r / e es s ss / e ee se',
  IX: 'e s / e ee se s es',

  NK1: 'pre r / e / e ee es',
  NX1: 'e / e ee s / es',
  X1N: 'e / e ee / s / se',
  X1K: 'pre r / e es / e ee / s / se',
  XK1: 'pre r / e / e ee es / s se',
  X1K1: 'pre r / e / e ee es / s / se',
  X1X: 'e / e ee s es / s / se',
  XX1: 'e / e ee s / es s se',
  X1X1: 'e / e ee s / es s / se',
  K1N: 'pre i / e / e ee / se',
  K1K: 'pre i r / e es / e ee / se',
  KK1: 'pre i r / e / e ee se es',
  K1K1: 'pre i r / e / e ee es / se',
  K1X: 'pre i / e / e ee s es / se',
  KX1: 'pre i / e / e ee se s / es',
  K1X1: 'pre i / e / e ee s / se es',
  I1N: 'e s / e ee / se',
  I1K: 'pre r / e es s / e ee / se',
  IK1: 'pre r / e s / e ee se es',
  I1K1: 'pre r / e s / e ee es / se',
  I1X: 'e s / e ee s es / se',
  IX1: 'e s / e ee se s / es',
  I1X1: 'e s / e ee s / se es',
}

import { SttError } from '@stt/errors'

/**
 * How a run's root secret is made: 1, from the Noise handshake; 2, hybrid, with an ML-KEM-768 secret as one more
 * input. Both run the same Noise messages.
 */
export type Suite = 1 | 2

/**
 * The suites that a side offers and accepts, ascending.
 *
 * @throws STT_INVALID_ARGUMENT when none is left
 */
export function offeredSuites(suites: readonly Suite[] = [1, 2], requireHybrid = false): readonly Suite[] {
  const offered = ([1, 2] as const).filter(suite => suites.includes(suite) && (suite === 2 || !requireHybrid))
  if (offered.length === 0) {
    throw new SttError('STT_INVALID_ARGUMENT', 'suites names no suite that is allowed; give [1, 2], or leave it out')
  }
  return offered
}

/** The highest suite that both lists name; 0 when there is none. spec: STT-HS-14 */
export function bestCommonSuite(own: readonly number[], peer: readonly number[]): Suite | 0 {
  let best: Suite | 0 = 0
  for (const suite of own) if ((suite === 1 || suite === 2) && suite > best && peer.includes(suite)) best = suite
  return best
}

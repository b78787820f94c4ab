import type { CryptoProvider } from '@stt/crypto'
import { SttError } from '@stt/errors'

/**
 * How a run's root secret is made: 1, from the Noise handshake; 2, hybrid, with an ML-KEM-768 secret as one more
 * input. Both run the same Noise messages.
 */
export type Suite = 1 | 2

/** The suites that a side offers and accepts, ascending. */
export function suitesOf(provider: CryptoProvider, requireHybrid: boolean): readonly Suite[] {
  if (!requireHybrid) return [1]
  throw new SttError('STT_UNSUPPORTED', `requireHybrid needs ML-KEM-768, which the provider ${provider.name} lacks`)
}

/** The highest suite that both lists name; 0 when there is none. spec: STT-HS-14 */
export function bestCommonSuite(own: readonly number[], peer: readonly number[]): Suite | 0 {
  let best: Suite | 0 = 0
  for (const suite of own) if ((suite === 1 || suite === 2) && suite > best && peer.includes(suite)) best = suite
  return best
}

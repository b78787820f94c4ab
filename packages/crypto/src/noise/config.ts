import { SttError } from '@stt/errors'
import { type CryptoProvider, KEY_LENGTH, type KeyPair } from '../providers/provider.ts'
import type { HandshakePattern, NoisePattern } from './patterns.ts'

/**
 * A pre-shared key of 32 bytes, or how to find it once the peer's static key is known: it is asked for in the middle of
 * the message that needs it. An answer of undefined refuses the message.
 */
export type NoisePsk = Uint8Array | ((remoteStatic: Uint8Array | undefined) => Uint8Array | undefined)

export interface NoiseHandshakeConfig {
  /** One that Noise defines: `noisePattern('XXpsk0+psk3')`. */
  readonly pattern: NoisePattern
  readonly initiator: boolean
  readonly prologue: Uint8Array
  /** The own static key, where the pattern sends or knows one. It stays the caller's to dispose of. */
  readonly staticKey?: KeyPair
  /** The peer's static public key, where the pattern knows it beforehand. */
  readonly remoteStatic?: Uint8Array
  /** In the order of the modifiers; one that is not known yet is undefined and set later. They stay the caller's to wipe. */
  readonly psks?: readonly (NoisePsk | undefined)[]
  readonly provider?: CryptoProvider
}

/**
 * Whether the keys are those that the pattern needs.
 *
 * @throws STT_INVALID_ARGUMENT
 */
export function checkKeys(pattern: HandshakePattern, config: NoiseHandshakeConfig): void {
  const { initiator, staticKey, remoteStatic, psks = [] } = config
  const { name } = config.pattern
  const { messages, initiatorStaticKnown, responderStaticKnown, pskCount } = pattern
  const [ownKnown, peerKnown] = initiator
    ? [initiatorStaticKnown, responderStaticKnown]
    : [responderStaticKnown, initiatorStaticKnown]
  const sends = messages.some((tokens, i) => (i % 2 === 0) === initiator && tokens.includes('s'))
  if ((ownKnown || sends) && staticKey === undefined) throw invalid(`${name} needs a static key on this side`)
  if (peerKnown !== (remoteStatic !== undefined)) {
    throw invalid(`${name} ${peerKnown ? 'needs' : 'does not take'} the peer's static key beforehand`)
  }
  if (peerKnown && remoteStatic?.length !== KEY_LENGTH) throw invalid(`a static key is ${KEY_LENGTH} bytes`)
  if (psks.length !== pskCount) throw invalid(`${name} takes ${pskCount} psks, not ${psks.length}`)
  psks.forEach(checkPsk)
}

/** @throws STT_INVALID_ARGUMENT for a key that is not 32 bytes */
export function checkPsk(psk: NoisePsk | undefined): void {
  if (psk instanceof Uint8Array && psk.length !== KEY_LENGTH)
    throw invalid(`a psk is ${KEY_LENGTH} bytes, not ${psk.length}`)
}

function invalid(message: string): SttError {
  return new SttError('STT_INVALID_ARGUMENT', message)
}

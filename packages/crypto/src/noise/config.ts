import { SttError } from '@stt/errors'
import { type CryptoProvider, KEY_LENGTH, type KeyPair } from '../providers/provider.ts'
import type { HandshakePattern, NoisePattern } from './patterns.ts'

/**
 * A pre-shared key of 32 bytes, or a function that finds it once the peer's static key is known. The function is called in
 * the middle of the message that needs the key; undefined refuses that message.
 */
export type NoisePsk = Uint8Array | ((remoteStatic: Uint8Array | undefined) => Uint8Array | undefined)

export interface NoiseHandshakeConfig {
  /** The pattern, such as `noisePattern('XXpsk0+psk3')`. */
  readonly pattern: NoisePattern
  /** Whether this side writes the first message. */
  readonly initiator: boolean
  /** Bytes that both sides hash before the first message; they must be equal. */
  readonly prologue: Uint8Array
  /** This side's static key, where the pattern uses one. The caller disposes of it. */
  readonly staticKey?: KeyPair
  /** The peer's static public key, where the pattern knows it beforehand. */
  readonly remoteStatic?: Uint8Array
  /** The pre-shared keys in the order of the modifiers; undefined for one to be set later. The caller wipes them. */
  readonly psks?: readonly (NoisePsk | undefined)[]
  /** The cryptography; the platform's unless given. */
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

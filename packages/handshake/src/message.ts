import { type CryptoProvider, concatBytes } from '@stt/crypto'
import { Fragment } from './fragment.ts'
import { FRAGMENT_NOISE_LENGTH, HEADER_LENGTH, MAC_LENGTH, writeHeader } from './header.ts'
import { sealMac } from './mac.ts'
import { MessageType } from './message-type.ts'

/** What every message of one side of a run needs to be written. */
export interface MessageContext {
  readonly provider: CryptoProvider
  readonly macKey: Uint8Array
  readonly dcid: Uint8Array
  readonly scid: Uint8Array
}

/** A whole message: header, the parts of its body, mac1. */
export function writeMessage(
  context: MessageContext,
  type: MessageType,
  noiseLength: number,
  ...body: readonly Uint8Array[]
): Uint8Array {
  return write(context, type, Fragment.Whole, noiseLength, body)
}

/** AUTH_PROOF as datagrams: one, or two when it is longer than a datagram may be. spec: STT-HS-6 */
export function writeProofDatagrams(context: MessageContext, noise: Uint8Array): readonly Uint8Array[] {
  if (noise.length <= FRAGMENT_NOISE_LENGTH) return [writeMessage(context, MessageType.AuthProof, noise.length, noise)]
  const first = noise.subarray(0, FRAGMENT_NOISE_LENGTH)
  const second = noise.subarray(FRAGMENT_NOISE_LENGTH)
  return [
    write(context, MessageType.AuthProof, Fragment.First, noise.length, [first]),
    write(context, MessageType.AuthProof, Fragment.Second, noise.length, [second]),
  ]
}

/** The parts joined, and mac1 over them. */
export function joinWithMac(provider: CryptoProvider, macKey: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  return sealMac(provider, macKey, concatBytes([...parts, new Uint8Array(MAC_LENGTH)]))
}

/** The body of a message: what is between header and mac1, as a view. */
export function bodyOf(message: Uint8Array): Uint8Array {
  return message.subarray(HEADER_LENGTH, message.length - MAC_LENGTH)
}

/**
 * The 16 bytes of mac1, as a copy. Once verified they stand for the whole message: no two messages with the same mac1
 * can be found, not even by who holds the seed.
 */
export function macOf(message: Uint8Array): Uint8Array {
  return message.slice(message.length - MAC_LENGTH)
}

function write(
  { provider, macKey, dcid, scid }: MessageContext,
  type: MessageType,
  fragment: Fragment,
  noiseLength: number,
  body: readonly Uint8Array[],
): Uint8Array {
  const header = new Uint8Array(HEADER_LENGTH)
  writeHeader(header, { type, noiseLength, fragment, dcid, scid })
  return joinWithMac(provider, macKey, [header, ...body])
}

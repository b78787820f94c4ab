import { Fragment } from './fragment.ts'
import { CID_LENGTH, DATAGRAM_LENGTH, HEADER_LENGTH, MAC_LENGTH, writeHeader } from './header.ts'
import { MessageType } from './message-type.ts'

// HELLO is the one message whose Noise part does not begin right after the header: a token of 0 or 32 bytes is between.

/** HELLO up to its Noise message, for a payload P1 of `payloadLength` bytes. */
export function helloStart(scid: Uint8Array, token: Uint8Array, payloadLength: number): Uint8Array {
  const start = new Uint8Array(HEADER_LENGTH + 1 + token.length)
  writeHeader(start, {
    type: MessageType.Hello,
    noiseLength: NOISE_OVERHEAD + payloadLength,
    fragment: Fragment.Whole,
    dcid: new Uint8Array(CID_LENGTH),
    scid,
  })
  start[HEADER_LENGTH] = token.length
  start.set(token, HEADER_LENGTH + 1)
  return start
}

/** Length of P1 that makes HELLO exactly as long as a datagram may be. spec: STT-HS-5 */
export function helloPayloadLength(tokenLength: number): number {
  return DATAGRAM_LENGTH - MAC_LENGTH - HEADER_LENGTH - 1 - tokenLength - NOISE_OVERHEAD
}

/** HELLO's connection id as a view, under which its sender is answered. */
export function scidOf(hello: Uint8Array): Uint8Array {
  return hello.subarray(HEADER_LENGTH - CID_LENGTH, HEADER_LENGTH)
}

/** HELLO's token as a view: 32 bytes, or none. */
export function tokenOf(hello: Uint8Array): Uint8Array {
  return hello.subarray(HEADER_LENGTH + 1, noiseStart(hello))
}

/** HELLO's Noise message as a view; it begins with the ephemeral public key. */
export function helloNoise(hello: Uint8Array): Uint8Array {
  return hello.subarray(noiseStart(hello), hello.length - MAC_LENGTH)
}

/** Noise's prologue: all cleartext of HELLO except the key. spec: STT-HS-1 */
export function prologueOf(hello: Uint8Array): Uint8Array {
  const end = noiseStart(hello)
  const prologue = new Uint8Array(LABEL.length + end)
  prologue.set(LABEL)
  prologue.set(hello.subarray(0, end), LABEL.length)
  return prologue
}

function noiseStart(hello: Uint8Array): number {
  return HEADER_LENGTH + 1 + hello[HEADER_LENGTH]!
}

const LABEL = new TextEncoder().encode('STT/1')
/** An ephemeral key and the tag of the payload. */
const NOISE_OVERHEAD = 32 + 16

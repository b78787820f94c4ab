import { type CryptoProvider, concatBytes } from '@stt/crypto'
import { Fragment } from './fragment.ts'
import { DATAGRAM_LENGTH, FRAGMENT_LENGTH, HEADER_LENGTH, MAC_LENGTH, writeHeader } from './header.ts'
import { sealMac } from './mac.ts'
import type { MessageType } from './message-type.ts'

/** The parts that all messages of one side of a run share. */
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
): Uint8Array<ArrayBuffer> {
  return write(context, type, Fragment.Whole, noiseLength, body)
}

/**
 * A whole message as a datagram link carries it: itself, or two fragments when it is longer than a datagram may be.
 * spec: STT-HS-6
 */
export function toDatagrams(
  context: MessageContext,
  message: Uint8Array<ArrayBuffer>,
): readonly Uint8Array<ArrayBuffer>[] {
  if (message.length <= DATAGRAM_LENGTH) return [message]
  const type = (message[0]! & 0x7f) as MessageType
  const noiseLength = message[2]! * 256 + message[3]!
  const body = bodyOf(message)
  return [
    write(context, type, Fragment.First, noiseLength, [body.subarray(0, FRAGMENT_LENGTH)]),
    write(context, type, Fragment.Second, noiseLength, [body.subarray(FRAGMENT_LENGTH)]),
  ]
}

/** The parts joined, and mac1 over them. */
export function joinWithMac(
  provider: CryptoProvider,
  macKey: Uint8Array,
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  return sealMac(provider, macKey, concatBytes([...parts, new Uint8Array(MAC_LENGTH)]))
}

/** The body of a message, between header and mac1, as a view. */
export function bodyOf(message: Uint8Array): Uint8Array {
  return message.subarray(HEADER_LENGTH, message.length - MAC_LENGTH)
}

/**
 * The 16 bytes of mac1, as a copy. Once verified they identify the whole message: even a seed holder cannot find two
 * messages with the same mac1.
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
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(HEADER_LENGTH)
  writeHeader(header, { type, noiseLength, fragment, dcid, scid })
  return joinWithMac(provider, macKey, [header, ...body])
}

import { WebSocketCloseCode } from './close-code.ts'
import { MAX_CONTROL_PAYLOAD, MAX_MESSAGE_SIZE } from './limits.ts'
import { Opcode } from './opcode.ts'

/** A reason to fail the connection (RFC 6455 §7.1.7). */
export interface Violation {
  /** The close code to answer with. */
  readonly code: number
  /** The broken rule, for people. */
  readonly message: string
}

/** Bytes of extended length that follow the second byte of a frame: 0, 2 or 8. */
export function extendedLengthSize(second: number): number {
  const length = second & 0x7f
  if (length === LENGTH_64) return 8
  return length === LENGTH_16 ? 2 : 0
}

/**
 * Checks the first two bytes of a frame before the rest is read.
 *
 * @param masked whether this end requires masked frames
 * @param fragmented whether the last frame of a message is still to come
 */
export function checkFirstBytes(
  first: number,
  second: number,
  masked: boolean,
  fragmented: boolean,
): Violation | undefined {
  const opcode = first & 0x0f
  // spec: STT-WS-4
  if ((first & 0x70) !== 0) return protocolError('a reserved bit was set and no extension was agreed')
  // spec: STT-WS-10
  if (((second & 0x80) !== 0) !== masked)
    return protocolError(masked ? 'a client frame was not masked' : 'a server frame was masked')
  if (opcode >= Opcode.close) return checkControl(first, second)
  // spec: STT-WS-13
  if (opcode === Opcode.continuation && !fragmented) return protocolError('a continuation came without a first frame')
  if (opcode !== Opcode.continuation && fragmented) return protocolError('a message began inside another one')
  // spec: STT-WS-7
  if (opcode === Opcode.text)
    return { code: WebSocketCloseCode.unsupportedData, message: 'STT takes binary messages, not text' }
  // spec: STT-WS-11
  if (opcode > Opcode.binary) return protocolError(`opcode ${opcode} is reserved`)
  return undefined
}

/** The payload length in a complete header; exact up to 2^53, which is far beyond any limit. */
export function readLength(header: Uint8Array): number {
  const extended = extendedLengthSize(header[1]!)
  if (extended === 0) return header[1]! & 0x7f
  return extended === 2 ? header[2]! * 256 + header[3]! : readUint32(header, 2) * 2 ** 32 + readUint32(header, 6)
}

/**
 * A big-endian number. A `DataView` would cost more than the rest of the header, because so short an array has no buffer until one
 * is asked for.
 */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/**
 * Checks the payload length of a frame.
 *
 * @param before bytes of the same message in earlier frames
 */
export function checkLength(header: Uint8Array, length: number, before: number): Violation | undefined {
  const extended = extendedLengthSize(header[1]!)
  // spec: STT-WS-11
  if (extended === 8 && header[2]! >= 0x80) return protocolError('the top bit of a frame length was set')
  const smallest = extended === 8 ? 0x1_0000 : extended === 2 ? LENGTH_16 : 0
  if (length < smallest) return protocolError(`length ${length} was not in its shortest form`)
  // spec: STT-WS-7
  if (before + length <= MAX_MESSAGE_SIZE) return undefined
  return { code: WebSocketCloseCode.messageTooBig, message: `a message was longer than ${MAX_MESSAGE_SIZE} bytes` }
}

/** spec: STT-WS-12 */
function checkControl(first: number, second: number): Violation | undefined {
  const opcode = first & 0x0f
  if (opcode > Opcode.pong) return protocolError(`opcode ${opcode} is reserved`)
  if ((first & 0x80) === 0) return protocolError('a control frame was fragmented')
  if ((second & 0x7f) > MAX_CONTROL_PAYLOAD) return protocolError('a control frame was longer than 125 bytes')
  return undefined
}

function protocolError(message: string): Violation {
  return { code: WebSocketCloseCode.protocolError, message }
}

const LENGTH_16 = 126
const LENGTH_64 = 127

import { bytesOf, checkInteger, checkType, SttError } from '@stt/errors'
import { MAX_CONTROL_PAYLOAD, MAX_MESSAGE_SIZE } from './limits.ts'
import { applyMask } from './mask.ts'
import { Opcode } from './opcode.ts'

/** Size in bytes of a frame with `length` bytes of payload (RFC 6455 §5.2). */
export function frameSize(length: number, masked: boolean): number {
  return (length <= MAX_CONTROL_PAYLOAD ? 2 : 4) + (masked ? 4 : 0) + length
}

/**
 * Writes one final frame to `target` at `offset`, with the payload copied once and masked in place. `target` must have room for
 * `frameSize(payload.length, maskKey !== undefined)` bytes.
 *
 * @param maskKey the four key bytes as one unsigned big-endian number; a client must give one, a server must not
 * @returns the offset after the frame
 */
export function writeFrame(
  target: Uint8Array,
  offset: number,
  opcode: Opcode,
  payload: Uint8Array,
  maskKey?: number,
): number {
  const { length } = payload
  if (length > MAX_MESSAGE_SIZE) throw tooLong(length, MAX_MESSAGE_SIZE)
  if (opcode >= Opcode.close && length > MAX_CONTROL_PAYLOAD) throw tooLong(length, MAX_CONTROL_PAYLOAD)

  const maskBit = maskKey === undefined ? 0 : MASK_BIT
  let position = offset
  target[position++] = FINAL_BIT | opcode
  // spec: STT-WS-9: the shortest form of the length
  if (length <= MAX_CONTROL_PAYLOAD) {
    target[position++] = maskBit | length
  } else {
    target[position++] = maskBit | LENGTH_16
    target[position++] = length >>> 8
    target[position++] = length
  }
  if (maskKey !== undefined) {
    target[position++] = maskKey >>> 24
    target[position++] = maskKey >>> 16
    target[position++] = maskKey >>> 8
    target[position++] = maskKey
  }
  target.set(payload, position)
  const end = position + length
  if (maskKey !== undefined) applyMask(target, position, end, maskKey)
  return end
}

/**
 * Makes one final frame.
 *
 * @param maskKey the four key bytes as one unsigned big-endian number; a client must give one, a server must not
 * @throws SttError `STT_INVALID_ARGUMENT`, also for a payload that is too long for the opcode
 */
export function encodeFrame(opcode: Opcode, given: Uint8Array, maskKey?: number): Uint8Array<ArrayBuffer> {
  checkInteger(opcode, 'the opcode', 0, 15)
  if (maskKey !== undefined) checkInteger(maskKey, 'the mask key', 0, 2 ** 32 - 1)
  const payload = bytesOf(given, 'the payload')
  const frame = new Uint8Array(frameSize(payload.length, maskKey !== undefined))
  writeFrame(frame, 0, opcode, payload, maskKey)
  return frame
}

/**
 * Makes the payload of a Close frame (RFC 6455 §5.5.1): a code and a reason of at most 123 bytes of UTF-8; empty without a
 * code.
 */
export function encodeClose(code?: number, reason = ''): Uint8Array<ArrayBuffer> {
  if (code === undefined) return new Uint8Array(0)
  checkInteger(code, 'the close code', 0, 65_535)
  checkType(reason, 'the reason', 'string')
  const text = new TextEncoder().encode(reason)
  const payload = new Uint8Array(2 + text.length)
  payload[0] = code >>> 8
  payload[1] = code
  payload.set(text, 2)
  return payload
}

function tooLong(length: number, limit: number): SttError {
  return new SttError(
    'STT_INVALID_ARGUMENT',
    `a frame of this kind carries at most ${limit} bytes, not ${length}: split it`,
    {
      details: { length, limit },
    },
  )
}

const FINAL_BIT = 0x80
const MASK_BIT = 0x80
const LENGTH_16 = 126

import { describe } from '@stt/errors'
import { FrameType, MAX_CLOSE_REASON } from './frame-type.ts'
import { invalidArgument } from './refusal.ts'
import { varintSize, writeVarint } from './varint.ts'

/*
 * Each writer puts one frame at `offset` and returns the offset after it. The caller has made sure of the space: the
 * `…Size` functions say how much a frame takes. Writers check the numbers that become varints. They trust the types of
 * `buffer`, `data` and `ranges`, because they run for each packet.
 */

/** Bytes before the data of a STREAM frame. */
export function streamHeaderSize(id: number, streamOffset: number, length: number): number {
  return 1 + varintSize(id) + varintSize(streamOffset) + varintSize(length)
}

/** Writes a STREAM frame up to its data: the caller puts `length` bytes at the offset returned. */
export function writeStreamHeader(
  buffer: Uint8Array,
  offset: number,
  id: number,
  streamOffset: number,
  length: number,
  fin: boolean,
): number {
  buffer[offset] = fin ? FrameType.StreamFin : FrameType.Stream
  let at = writeVarint(buffer, offset + 1, id)
  at = writeVarint(buffer, at, streamOffset)
  return writeVarint(buffer, at, length)
}

/** Bytes of a RESET. */
export function resetSize(id: number, code: number, finalSize: number): number {
  return 1 + varintSize(id) + varintSize(code) + varintSize(finalSize)
}

/**
 * Writes a RESET.
 *
 * @param finalSize bytes of the stream that the peer may have counted
 */
export function writeReset(buffer: Uint8Array, offset: number, id: number, code: number, finalSize: number): number {
  return writeVarints(buffer, offset, FrameType.Reset, id, code, finalSize)
}

/** Bytes of a STOP. */
export function stopSize(id: number, code: number): number {
  return 1 + varintSize(id) + varintSize(code)
}

/** Writes a STOP. */
export function writeStop(buffer: Uint8Array, offset: number, id: number, code: number): number {
  return writeVarints(buffer, offset, FrameType.Stop, id, code)
}

/** Bytes of a MAX_DATA. */
export function maxDataSize(max: number): number {
  return 1 + varintSize(max)
}

/** Writes a MAX_DATA. */
export function writeMaxData(buffer: Uint8Array, offset: number, max: number): number {
  return writeVarints(buffer, offset, FrameType.MaxData, max)
}

/** Bytes of a MAX_STREAM_DATA. */
export function maxStreamDataSize(id: number, max: number): number {
  return 1 + varintSize(id) + varintSize(max)
}

/** Writes a MAX_STREAM_DATA. */
export function writeMaxStreamData(buffer: Uint8Array, offset: number, id: number, max: number): number {
  return writeVarints(buffer, offset, FrameType.MaxStreamData, id, max)
}

/** Bytes of a MAX_STREAMS. */
export function maxStreamsSize(max: number): number {
  return 1 + varintSize(max)
}

/** Writes a MAX_STREAMS for streams of one kind. */
export function writeMaxStreams(buffer: Uint8Array, offset: number, unidirectional: boolean, max: number): number {
  return writeVarints(buffer, offset, unidirectional ? FrameType.MaxStreamsUni : FrameType.MaxStreamsBidi, max)
}

/** Writes PADDING from `offset` to `end`, one byte each. */
export function writePadding(buffer: Uint8Array, offset: number, end: number): number {
  buffer.fill(FrameType.Padding, offset, end)
  return end
}

/** Writes a PING. */
export function writePing(buffer: Uint8Array, offset: number): number {
  buffer[offset] = FrameType.Ping
  return offset + 1
}

/** Writes a HANDSHAKE_DONE. */
export function writeHandshakeDone(buffer: Uint8Array, offset: number): number {
  buffer[offset] = FrameType.HandshakeDone
  return offset + 1
}

/** Bytes of a JOIN at most. */
export const MAX_JOIN_FRAME_SIZE: number = 10

/**
 * Writes a JOIN.
 *
 * @param serial 1 or above: counts the links that the initiator opened
 * @param kind 0 to 255, one of `JoinKind`
 * @throws SttError `STT_INVALID_ARGUMENT` for another serial or kind
 */
// spec: STT-FRM-15
export function writeJoin(buffer: Uint8Array, offset: number, serial: number, kind: number): number {
  if (serial === 0) throw invalidArgument('the serial of a JOIN is at least 1: 0 stands for none')
  if (!(Number.isInteger(kind) && kind >= 0 && kind <= 0xff))
    throw invalidArgument(`the kind of a JOIN is an integer from 0 to 255, not ${describe(kind)}`)
  const at = writeVarints(buffer, offset, FrameType.Join, serial)
  buffer[at] = kind
  return at + 1
}

/** Bytes of a PATH_CHALLENGE or a PATH_RESPONSE. */
export const PATH_FRAME_SIZE: number = 9

/**
 * Writes a PATH_CHALLENGE.
 *
 * @param data the 8 bytes of the challenge
 * @throws SttError `STT_INVALID_ARGUMENT` for another length
 */
export function writePathChallenge(buffer: Uint8Array, offset: number, data: Uint8Array): number {
  return writePath(buffer, offset, FrameType.PathChallenge, data)
}

/**
 * Writes a PATH_RESPONSE.
 *
 * @param data the 8 bytes of the challenge that it answers
 * @throws SttError `STT_INVALID_ARGUMENT` for another length
 */
export function writePathResponse(buffer: Uint8Array, offset: number, data: Uint8Array): number {
  return writePath(buffer, offset, FrameType.PathResponse, data)
}

/** Bytes of a DATAGRAM with `length` bytes of data. */
export function datagramSize(length: number): number {
  return 1 + varintSize(length) + length
}

/** Writes a DATAGRAM. */
export function writeDatagram(buffer: Uint8Array, offset: number, data: Uint8Array): number {
  const at = writeVarints(buffer, offset, FrameType.Datagram, data.length)
  buffer.set(data, at)
  return at + data.length
}

/** Bytes of a CLOSE. */
export function closeSize(code: number, reason: Uint8Array): number {
  return 2 + varintSize(code) + varintSize(reason.length) + reason.length
}

/**
 * Writes a CLOSE.
 *
 * @param app whether `code` is the application's own; otherwise it is one of `CloseCode`
 * @param reason UTF-8, at most 256 bytes
 * @throws SttError `STT_INVALID_ARGUMENT` for a longer reason
 */
// spec: STT-FRM-12
export function writeClose(buffer: Uint8Array, offset: number, app: boolean, code: number, reason: Uint8Array): number {
  if (reason.length > MAX_CLOSE_REASON)
    throw invalidArgument(`a close reason has at most ${MAX_CLOSE_REASON} bytes, not ${reason.length}`)
  buffer[offset] = FrameType.Close
  buffer[offset + 1] = app ? 1 : 0
  let at = writeVarint(buffer, offset + 2, code)
  at = writeVarint(buffer, at, reason.length)
  buffer.set(reason, at)
  return at + reason.length
}

/**
 * Writes an ACK (RFC 9000 §19.3) of as many ranges as fit before `limit`, newest first.
 *
 * @param ranges pairs of highest and lowest packet number, descending, with at least one number missing between them
 * @param delay microseconds since the highest number arrived
 * @returns `offset` when not even the first range fits
 */
// spec: STT-FRM-8
export function writeAck(
  buffer: Uint8Array,
  offset: number,
  limit: number,
  ranges: ArrayLike<number>,
  delay: number,
): number {
  const largest = ranges[0]!
  const first = largest - ranges[1]!
  let size = 1 + varintSize(largest) + varintSize(delay) + varintSize(first)
  // The count is written before the ranges, so it has to be known first; two bytes hold any count a packet has room for.
  const room = limit - offset - 2
  let further = 0
  for (let i = 2; i < ranges.length; i += 2) {
    const more = varintSize(ranges[i - 1]! - ranges[i]! - 2) + varintSize(ranges[i]! - ranges[i + 1]!)
    if (size + more > room || further === MAX_FURTHER_RANGES) break
    size += more
    further++
  }
  if (size > room) return offset
  let at = writeVarints(buffer, offset, FrameType.Ack, largest, delay, further)
  at = writeVarint(buffer, at, first)
  for (let i = 2; i < 2 + 2 * further; i += 2) {
    at = writeVarint(buffer, at, ranges[i - 1]! - ranges[i]! - 2)
    at = writeVarint(buffer, at, ranges[i]! - ranges[i + 1]!)
  }
  return at
}

function writePath(buffer: Uint8Array, offset: number, type: number, data: Uint8Array): number {
  if (data.length !== PATH_FRAME_SIZE - 1) throw invalidArgument(`a challenge has 8 bytes, not ${data.length}`)
  buffer[offset] = type
  buffer.set(data, offset + 1)
  return offset + PATH_FRAME_SIZE
}

function writeVarints(buffer: Uint8Array, offset: number, type: number, a: number, b?: number, c?: number): number {
  buffer[offset] = type
  let at = writeVarint(buffer, offset + 1, a)
  if (b !== undefined) at = writeVarint(buffer, at, b)
  if (c !== undefined) at = writeVarint(buffer, at, c)
  return at
}

const MAX_FURTHER_RANGES = 0x3fff

import {
  closeSize,
  datagramSize,
  FrameReader,
  type FrameVisitor,
  maxDataSize,
  maxStreamDataSize,
  maxStreamsSize,
  PATH_FRAME_SIZE,
  resetSize,
  stopSize,
  streamHeaderSize,
  varintSize,
  writeAck,
  writeClose,
  writeDatagram,
  writeHandshakeDone,
  writeJoin,
  writeMaxData,
  writeMaxStreamData,
  writeMaxStreams,
  writePadding,
  writePathChallenge,
  writePathResponse,
  writePing,
  writeReset,
  writeStop,
  writeStreamHeader,
} from '../src/index.ts'
import { fromHex, toHex } from './hex.ts'

/** A frame as a plain value, in the form of the vectors file: bytes are hexadecimal text. */
export type FrameValue =
  | { readonly type: 'PADDING'; readonly length: number }
  | { readonly type: 'PING' | 'HANDSHAKE_DONE' }
  | { readonly type: 'ACK'; readonly delay: number; readonly ranges: readonly (readonly [high: number, low: number])[] }
  | { readonly type: 'RESET'; readonly id: number; readonly code: number; readonly finalSize: number }
  | { readonly type: 'STOP'; readonly id: number; readonly code: number }
  | {
      readonly type: 'STREAM'
      readonly id: number
      readonly offset: number
      readonly fin: boolean
      readonly data: string
    }
  | { readonly type: 'MAX_DATA'; readonly max: number }
  | { readonly type: 'MAX_STREAM_DATA'; readonly id: number; readonly max: number }
  | { readonly type: 'MAX_STREAMS_BIDI' | 'MAX_STREAMS_UNI'; readonly max: number }
  | { readonly type: 'JOIN'; readonly serial: number; readonly kind: number }
  | { readonly type: 'PATH_CHALLENGE' | 'PATH_RESPONSE' | 'DATAGRAM'; readonly data: string }
  | { readonly type: 'CLOSE'; readonly app: boolean; readonly code: number; readonly reason: string }

export interface Decoded {
  readonly frames: FrameValue[]
  readonly ackEliciting: boolean
}

/**
 * Reads the frames of `bytes`, PADDING left out: a reader does not hand it over.
 *
 * @param frames takes them, those before a refused one too
 */
export function decodeFrames(
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  frames: FrameValue[] = [],
): Decoded {
  const ackEliciting = new FrameReader(collector(frames)).read(bytes, start, end)
  return { frames, ackEliciting }
}

/** The bytes of one frame; the size functions must have told their length beforehand. */
export function encodeFrame(frame: FrameValue): Uint8Array {
  const buffer = new Uint8Array(frameSize(frame))
  const end = writeFrame(buffer, 0, frame)
  // A writer that passes the end of a typed array writes into nothing: the offset tells.
  if (end !== buffer.length && frame.type !== 'ACK')
    throw new Error(`${frame.type}: ${buffer.length} bytes announced, ${end} written`)
  return buffer.subarray(0, end)
}

export function encodeFrames(frames: readonly FrameValue[]): Uint8Array {
  return fromHex(frames.map(frame => toHex(encodeFrame(frame))).join(''))
}

function writeFrame(buffer: Uint8Array, at: number, frame: FrameValue): number {
  switch (frame.type) {
    case 'PADDING':
      return writePadding(buffer, at, at + frame.length)
    case 'PING':
      return writePing(buffer, at)
    case 'HANDSHAKE_DONE':
      return writeHandshakeDone(buffer, at)
    case 'ACK':
      return writeAck(buffer, at, buffer.length, frame.ranges.flat(), frame.delay)
    case 'RESET':
      return writeReset(buffer, at, frame.id, frame.code, frame.finalSize)
    case 'STOP':
      return writeStop(buffer, at, frame.id, frame.code)
    case 'STREAM': {
      const data = fromHex(frame.data)
      const header = writeStreamHeader(buffer, at, frame.id, frame.offset, data.length, frame.fin)
      buffer.set(data, header)
      return header + data.length
    }
    case 'MAX_DATA':
      return writeMaxData(buffer, at, frame.max)
    case 'MAX_STREAM_DATA':
      return writeMaxStreamData(buffer, at, frame.id, frame.max)
    case 'MAX_STREAMS_BIDI':
    case 'MAX_STREAMS_UNI':
      return writeMaxStreams(buffer, at, frame.type === 'MAX_STREAMS_UNI', frame.max)
    case 'JOIN':
      return writeJoin(buffer, at, frame.serial, frame.kind)
    case 'PATH_CHALLENGE':
      return writePathChallenge(buffer, at, fromHex(frame.data))
    case 'PATH_RESPONSE':
      return writePathResponse(buffer, at, fromHex(frame.data))
    case 'DATAGRAM':
      return writeDatagram(buffer, at, fromHex(frame.data))
    case 'CLOSE':
      return writeClose(buffer, at, frame.app, frame.code, utf8.encode(frame.reason))
  }
}

function frameSize(frame: FrameValue): number {
  switch (frame.type) {
    case 'PADDING':
      return frame.length
    case 'PING':
    case 'HANDSHAKE_DONE':
      return 1
    case 'ACK':
      return 1 + 8 * (3 + 2 * frame.ranges.length)
    case 'RESET':
      return resetSize(frame.id, frame.code, frame.finalSize)
    case 'STOP':
      return stopSize(frame.id, frame.code)
    case 'STREAM': {
      const { length } = fromHex(frame.data)
      return streamHeaderSize(frame.id, frame.offset, length) + length
    }
    case 'MAX_DATA':
      return maxDataSize(frame.max)
    case 'MAX_STREAM_DATA':
      return maxStreamDataSize(frame.id, frame.max)
    case 'MAX_STREAMS_BIDI':
    case 'MAX_STREAMS_UNI':
      return maxStreamsSize(frame.max)
    case 'JOIN':
      return 2 + varintSize(frame.serial)
    case 'PATH_CHALLENGE':
    case 'PATH_RESPONSE':
      return PATH_FRAME_SIZE
    case 'DATAGRAM':
      return datagramSize(fromHex(frame.data).length)
    case 'CLOSE':
      return closeSize(frame.code, utf8.encode(frame.reason))
  }
}

/** Takes each frame as a value. */
export function collector(frames: FrameValue[]): FrameVisitor {
  return {
    onPing: () => void frames.push({ type: 'PING' }),
    onAck: (ranges, delay) => void frames.push({ type: 'ACK', delay, ranges: pairs(ranges) }),
    onReset: (id, code, finalSize) => void frames.push({ type: 'RESET', id, code, finalSize }),
    onStop: (id, code) => void frames.push({ type: 'STOP', id, code }),
    onStream: (id, offset, data, fin) => void frames.push({ type: 'STREAM', id, offset, fin, data: toHex(data) }),
    onMaxData: max => void frames.push({ type: 'MAX_DATA', max }),
    onMaxStreamData: (id, max) => void frames.push({ type: 'MAX_STREAM_DATA', id, max }),
    onMaxStreams: (uni, max) => void frames.push({ type: uni ? 'MAX_STREAMS_UNI' : 'MAX_STREAMS_BIDI', max }),
    onJoin: (serial, kind) => void frames.push({ type: 'JOIN', serial, kind }),
    onPathChallenge: data => void frames.push({ type: 'PATH_CHALLENGE', data: toHex(data) }),
    onPathResponse: data => void frames.push({ type: 'PATH_RESPONSE', data: toHex(data) }),
    onClose: (app, code, reason) => void frames.push({ type: 'CLOSE', app, code, reason }),
    onHandshakeDone: () => void frames.push({ type: 'HANDSHAKE_DONE' }),
    onDatagram: data => void frames.push({ type: 'DATAGRAM', data: toHex(data) }),
  }
}

function pairs(ranges: readonly number[]): [number, number][] {
  return Array.from({ length: ranges.length / 2 }, (_, i) => [ranges[2 * i]!, ranges[2 * i + 1]!])
}

const utf8 = new TextEncoder()

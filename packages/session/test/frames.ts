import {
  FrameReader,
  writeAck,
  writeClose,
  writeDatagram,
  writeHandshakeDone,
  writeJoin,
  writePathChallenge,
  writePathResponse,
  writePing,
  writeStreamHeader,
} from '@stt/frame'

/** The frames of an opened packet as text: what tests compare. */
export function describeFrames(bytes: Uint8Array): string[] {
  const seen: string[] = []
  const reader = new FrameReader({
    onPing: () => seen.push('PING'),
    onAck: ranges => seen.push(`ACK ${ranges.join(' ')}`),
    onReset: id => seen.push(`RESET ${id}`),
    onStop: id => seen.push(`STOP ${id}`),
    onStream: (id, offset, data, fin) => seen.push(`STREAM ${id} ${offset}+${data.length}${fin ? ' FIN' : ''}`),
    onMaxData: max => seen.push(`MAX_DATA ${max}`),
    onMaxStreamData: (id, max) => seen.push(`MAX_STREAM_DATA ${id} ${max}`),
    onMaxStreams: (_, max) => seen.push(`MAX_STREAMS ${max}`),
    onJoin: (serial, kind) => seen.push(`JOIN ${serial} ${kind}`),
    onPathChallenge: data => seen.push(`PATH_CHALLENGE ${data[0]}`),
    onPathResponse: data => seen.push(`PATH_RESPONSE ${data[0]}`),
    onClose: (app, code, reason) => seen.push(`CLOSE ${app ? 'app' : 'protocol'} ${code} ${reason}`.trimEnd()),
    onHandshakeDone: () => seen.push('HANDSHAKE_DONE'),
    onDatagram: data => seen.push(`DATAGRAM ${data.length}`),
  })
  reader.read(bytes, 0, bytes.length)
  return seen
}

const written = (room: number, write: (buffer: Uint8Array) => number): Uint8Array => {
  const buffer = new Uint8Array(room)
  return buffer.subarray(0, write(buffer))
}

/** Frames as a hostile or a careful peer would write them. */
export const frames = {
  ping: (): Uint8Array => written(1, buffer => writePing(buffer, 0)),
  handshakeDone: (): Uint8Array => written(1, buffer => writeHandshakeDone(buffer, 0)),
  ack: (...ranges: number[]): Uint8Array => written(200, buffer => writeAck(buffer, 0, 200, ranges, 0)),
  datagram: (length: number): Uint8Array =>
    written(length + 5, buffer => writeDatagram(buffer, 0, new Uint8Array(length))),
  stream: (offset: number, length: number, fin = false): Uint8Array =>
    written(length + 20, buffer => writeStreamHeader(buffer, 0, 0, offset, length, fin) + length),
  joinLink: (serial: number, kind = 1): Uint8Array => written(10, buffer => writeJoin(buffer, 0, serial, kind)),
  challenge: (byte: number): Uint8Array =>
    written(9, buffer => writePathChallenge(buffer, 0, new Uint8Array(8).fill(byte))),
  response: (byte: number): Uint8Array =>
    written(9, buffer => writePathResponse(buffer, 0, new Uint8Array(8).fill(byte))),
  close: (app = true, code = 0, reason = ''): Uint8Array =>
    written(300, buffer => writeClose(buffer, 0, app, code, new TextEncoder().encode(reason))),
  padding: (length: number): Uint8Array => new Uint8Array(length),
  join: (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(part => [...part])),
}

import { concatBytes } from '@stt/crypto'
import { FrameReader, type FrameVisitor, type SentFrame, type TransportLimits, type WriteContext } from '@stt/frame'
import { type StreamEngine, type StreamEvent, type StreamLimits, StreamManager } from '../src/index.ts'

/** Limits small enough that a test reaches them; `overrides` for what it is about. */
export function limitsWith(overrides: Partial<TransportLimits> = {}): TransportLimits {
  return {
    idleTimeout: 30_000,
    maxData: 1024 * 1024,
    maxStreamData: 16 * 1024,
    maxDatagram: 1200,
    maxMessage: 2 * 1024 * 1024,
    maxStreamsBidi: 16,
    maxStreamsUni: 16,
    ...overrides,
  }
}

export interface PairOptions {
  /** The limits that each side states; `b` falls back to `a`. */
  readonly a?: Partial<TransportLimits>
  readonly b?: Partial<TransportLimits>
  readonly limits?: Partial<StreamLimits>
  /** Called when a call from the application left `a` (0) or `b` (1) something to do. */
  readonly onWake?: (side: 0 | 1) => void
}

/** Two managers that know each other's limits: `a` is the initiator. */
export function createPair({ a = {}, b = a, limits = {}, onWake = () => {} }: PairOptions = {}): {
  a: StreamManager
  b: StreamManager
} {
  const ofA = limitsWith(a)
  const ofB = limitsWith(b)
  return {
    a: new StreamManager({ role: 'initiator', local: ofA, peer: ofB, limits, onWake: () => onWake(0) }),
    b: new StreamManager({ role: 'responder', local: ofB, peer: ofA, limits, onWake: () => onWake(1) }),
  }
}

/** Frames as a packet carries them, with what its sender has to know when it is acknowledged or lost. */
export interface Packet {
  readonly bytes: Uint8Array
  readonly sent: readonly SentFrame[]
}

export const atStart: WriteContext = { now: 0, rtt: 0 }

/** The next packet that the manager wants to send, or `undefined`. */
export function takePacket(manager: StreamManager, size = 1200, context: WriteContext = atStart): Packet | undefined {
  if (!manager.hasFrames()) return undefined
  const sent: SentFrame[] = []
  const buffer = new Uint8Array(size)
  const end = manager.writeFrames(buffer, 0, size, sent, context)
  if (end === 0) throw new Error('hasFrames promised a frame that writeFrames did not write')
  return { bytes: buffer.subarray(0, end), sent }
}

export function deliver(packet: Packet, to: StreamManager): void {
  new FrameReader(visitorOf(to)).read(packet.bytes, 0, packet.bytes.length)
}

export function acknowledge(packet: Packet, from: StreamManager): void {
  for (const frame of packet.sent) from.onFrameAcknowledged(frame)
}

export function lose(packet: Packet, from: StreamManager): void {
  for (const frame of packet.sent) from.onFrameLost(frame)
}

/** Carries packets both ways, each acknowledged at once, until neither side has any; returns how many there were. */
export function exchange(a: StreamManager, b: StreamManager, size = 1200): number {
  for (let packets = 0; ; packets++) {
    const fromA = takePacket(a, size)
    if (fromA !== undefined) {
      deliver(fromA, b)
      acknowledge(fromA, a)
      continue
    }
    const fromB = takePacket(b, size)
    if (fromB === undefined) return packets
    deliver(fromB, a)
    acknowledge(fromB, b)
  }
}

export function pollAll(manager: StreamManager): StreamEvent[] {
  const events: StreamEvent[] = []
  for (let event = manager.pollEvent(); event !== undefined; event = manager.pollEvent()) events.push(event)
  return events
}

/** Events in short: `readable 0`. */
export function eventNames(manager: StreamManager): string[] {
  return pollAll(manager).map(event =>
    event.type === 'streams-available'
      ? `${event.type} ${event.unidirectional ? 'uni' : 'bidi'}`
      : `${event.type} ${event.id}${event.code === undefined ? '' : ` code ${event.code}`}`,
  )
}

/** Everything that can be read now. */
export function readAll(stream: StreamEngine): Uint8Array {
  const chunks: Uint8Array[] = []
  for (let chunk = stream.read(); chunk !== undefined; chunk = stream.read()) chunks.push(chunk)
  return concatBytes(chunks)
}

/** Bytes that say where they belong: any shift or repetition changes them. */
export function pattern(length: number, start = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = Math.imul(start + i + 1, 2654435761) >>> 24
  return bytes
}

function visitorOf(manager: StreamManager): FrameVisitor {
  const unexpected = (): never => {
    throw new Error('a stream manager wrote a frame that is not its own')
  }
  return {
    onStream: (id, offset, data, fin) => manager.onStream(id, offset, data, fin),
    onReset: (id, code, finalSize) => manager.onReset(id, code, finalSize),
    onStop: (id, code) => manager.onStop(id, code),
    onMaxData: max => manager.onMaxData(max),
    onMaxStreamData: (id, max) => manager.onMaxStreamData(id, max),
    onMaxStreams: (unidirectional, max) => manager.onMaxStreams(unidirectional, max),
    onPing: unexpected,
    onAck: unexpected,
    onJoin: unexpected,
    onPathChallenge: unexpected,
    onPathResponse: unexpected,
    onClose: unexpected,
    onHandshakeDone: unexpected,
    onDatagram: unexpected,
  }
}

import {
  FrameReader,
  type FrameVisitor,
  isPacket,
  packetNumberOf,
  writeAck,
  writePacketHeader,
  writeStreamHeader,
} from '@stt/frame'
import type { Benchmark } from '../benchmark.ts'
import { micro } from '../micro.ts'

const PACKET = 1_200
const DATA = new Uint8Array(1_140).fill(7)
const CONNECTION = new Uint8Array(8).fill(3)
/** Three ranges: what a receiver reports that misses two packets. */
const RANGES = [100_000, 99_990, 99_980, 99_000, 98_990, 90_000]

/** Thousands of packets a second through the codec, in one thread, beside a copy of the same bytes: nothing sealed. */
export function benchmarks(): readonly Benchmark[] {
  const buffer = new Uint8Array(PACKET)
  const dataPacket = buffer.slice(0, writeData(buffer))
  const ackPacket = buffer.slice(0, writeAck(buffer, 0, PACKET, RANGES, 250))
  const smallPacket = buffer.slice(0, writeSmall(buffer))
  const copy = (bytes: Uint8Array): number | undefined => {
    buffer.set(bytes)
    return buffer[0]
  }
  const seen = { bytes: 0 }
  const reader = new FrameReader(countingVisitor(seen))
  const read = (packet: Uint8Array) => (): number => {
    reader.read(packet, 0, packet.length)
    return seen.bytes
  }
  return [
    {
      title: 'Frames',
      unit: 'thousand packets a second',
      better: 'higher',
      reference: 'copy',
      rows: [
        {
          name: `STREAM of ${DATA.length} bytes`,
          contestants: [
            micro('write', () => writeData(buffer)),
            micro('read', read(dataPacket)),
            micro('copy', () => copy(DATA)),
          ],
        },
        {
          name: '20 STREAM of 40 bytes',
          contestants: [
            micro('write', () => writeSmall(buffer)),
            micro('read', read(smallPacket)),
            micro('copy', () => copy(smallPacket)),
          ],
        },
        {
          name: 'ACK of 3 ranges',
          contestants: [
            micro('write', () => writeAck(buffer, 0, PACKET, RANGES, 250)),
            micro('read', read(ackPacket)),
            micro('copy', () => copy(ackPacket)),
          ],
        },
        {
          name: 'packet header',
          contestants: [
            micro('write', () => writeHeader(buffer)),
            micro('read', () => isPacket(buffer) && packetNumberOf(buffer)),
            micro('copy', () => copy(CONNECTION)),
          ],
        },
      ],
    },
  ]
}

function writeHeader(buffer: Uint8Array): number | undefined {
  writePacketHeader(buffer, CONNECTION, 123_456, 1)
  return buffer[16]
}

function writeData(buffer: Uint8Array): number {
  const at = writeStreamHeader(buffer, 0, 4, 1_000_000, DATA.length, false)
  buffer.set(DATA, at)
  return at + DATA.length
}

function writeSmall(buffer: Uint8Array): number {
  let at = 0
  for (let i = 0; i < 20; i++) {
    at = writeStreamHeader(buffer, at, 4 * i, 5_000, 40, false)
    buffer.fill(i, at, at + 40)
    at += 40
  }
  return at
}

/** Takes every frame and adds up what it holds, so that none can be left out. */
function countingVisitor(seen: { bytes: number }): FrameVisitor {
  const ignore = (): void => void seen.bytes++
  return {
    onStream: (_id, _offset, data) => void (seen.bytes += data.length),
    onAck: ranges => void (seen.bytes += ranges.length),
    onReset: ignore,
    onStop: ignore,
    onMaxData: ignore,
    onMaxStreamData: ignore,
    onMaxStreams: ignore,
    onPing: ignore,
    onJoin: ignore,
    onPathChallenge: ignore,
    onPathResponse: ignore,
    onClose: ignore,
    onHandshakeDone: ignore,
    onDatagram: ignore,
  }
}

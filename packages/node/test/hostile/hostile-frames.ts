import { FrameType, MAX_VARINT, writeVarint } from '@stt/frame'
import type { Random } from '@stt/testing'
import type { HostilePeer } from './hostile-peer.ts'

/** One thing that a holder of the seed does to a listener with a session: it may send many packets. */
export type Attack = (peer: HostilePeer, random: Random, largest: number) => void

/** What 0.. is written as. */
export function frame(type: number, ...fields: readonly (number | Uint8Array)[]): Uint8Array {
  const bytes = new Uint8Array(
    1 + fields.reduce<number>((sum, field) => sum + (typeof field === 'number' ? 8 : field.length), 0),
  )
  bytes[0] = type
  let at = 1
  for (const field of fields) {
    if (typeof field === 'number') at = writeVarint(bytes, at, field)
    else {
      bytes.set(field, at)
      at += field.length
    }
  }
  return bytes.subarray(0, at)
}

/** As many copies of a frame as fit into `size` bytes. */
export function filled(one: Uint8Array, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(size / one.length) * one.length)
  for (let at = 0; at < bytes.length; at += one.length) bytes.set(one, at)
  return bytes
}

const joined = (frames: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(frames))

/** A number of any magnitude: small, at the edge of a varint's forms, or huge. */
function anyNumber(random: Random): number {
  const bits = random.integer(54)
  return Math.min(MAX_VARINT, Math.floor(random.next() * 2 ** bits))
}

/** Frames of every type with numbers of any magnitude, as a peer would write them that has gone wild. */
function randomFrames(random: Random, size: number): Uint8Array {
  const frames: Uint8Array[] = []
  let length = 0
  while (length < size) {
    const next = randomFrame(random)
    length += next.length
    frames.push(next)
  }
  return joined(frames)
}

function randomFrame(random: Random): Uint8Array {
  const number = (): number => anyNumber(random)
  const small = (limit: number): number => random.integer(limit)
  const data = random.bytes(small(40))
  switch (small(15)) {
    case 0:
      return frame(FrameType.Ping)
    case 1:
      return frame(FrameType.Ack, small(300), number(), 0, small(300))
    case 2:
      return frame(FrameType.Reset, 4 * small(200), number(), small(1_000))
    case 3:
      return frame(FrameType.Stop, 4 * small(200), number())
    case 4:
    case 5:
    case 6:
      return frame(FrameType.Stream, 4 * small(128), small(100_000), data.length, data)
    case 7:
      return frame(FrameType.StreamFin, 4 * small(128) + 2, small(2_000), data.length, data)
    case 8:
      return frame(FrameType.MaxData, number())
    case 9:
      return frame(FrameType.MaxStreamData, 4 * small(128), number())
    case 10:
      return frame(FrameType.PathChallenge, random.bytes(8))
    case 11:
      return frame(FrameType.PathResponse, random.bytes(8))
    case 12:
      return frame(FrameType.Join, number(), Uint8Array.of(small(3)))
    case 13:
      return frame(FrameType.Datagram, data.length, data)
    default:
      return frame(small(40))
  }
}

const repeat = (count: number, action: (i: number) => void): void => {
  for (let i = 0; i < count; i++) action(i)
}

/** The attacks by what each of them spends: time, memory, answers, slots. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'frames of every type with random numbers': (peer, random, largest) =>
    repeat(8, () => peer.send(randomFrames(random, random.integer(largest)))),
  'nothing is acknowledged, everything is asked for': (peer, _random, largest) => {
    peer.send(joined([frame(FrameType.MaxData, MAX_VARINT), frame(FrameType.Stream, 0, 0, 1, Uint8Array.of(1))]))
    repeat(8, () => peer.send(filled(frame(FrameType.Ping), Math.min(largest, 200))))
  },
  'ACK frames without end': (peer, _random, largest) =>
    peer.send(filled(frame(FrameType.Ack, Math.max(0, peer.highest), 0, 0, 0), largest)),
  'an ACK of many ranges': (peer, _random, largest) => {
    const count = Math.min(Math.floor((largest - 30) / 2), 30_000)
    peer.send(frame(FrameType.Ack, Math.max(0, peer.highest), 0, count, 0, new Uint8Array(2 * count)))
  },
  'empty datagrams by the thousand': (peer, _random, largest) =>
    peer.send(filled(frame(FrameType.Datagram, 0), largest)),
  'every stream at once, a byte each': (peer, _random, largest) => {
    const size = Math.min(largest, 4_000)
    for (let id = 0; id < 512; ) {
      const frames: Uint8Array[] = []
      for (let length = 0; length < size && id < 512; id += 4) {
        const one = frame(FrameType.Stream, id, 1, 1, Uint8Array.of(1))
        frames.push(one)
        length += one.length
      }
      peer.send(joined(frames))
    }
  },
  'holes between single bytes': (peer, random, largest) => {
    const size = Math.min(largest, 8_000)
    const frames: Uint8Array[] = []
    for (let at = 2 * random.integer(1_000), length = 0; length < size; at += 2) {
      const one = frame(FrameType.Stream, 4 * random.integer(8), at, 1, Uint8Array.of(1))
      frames.push(one)
      length += one.length
    }
    peer.send(joined(frames))
  },
  'the whole window of a stream that nobody reads': (peer, random, largest) => {
    const id = 4 * random.integer(100)
    const data = new Uint8Array(Math.min(largest - 40, 60_000))
    repeat(8, i => peer.send(frame(FrameType.Stream, id, i * data.length, data.length, data)))
  },
  'messages of 2 MiB that never end': (peer, _random, largest) => {
    const length = Uint8Array.of(0x80, 0x1f, 0xff, 0xff)
    const data = new Uint8Array(Math.min(largest - 60, 30_000))
    for (let id = 2; id < 130; id += 4) {
      peer.send(joined([frame(FrameType.Stream, id, 0, 4, length), frame(FrameType.Stream, id, 4, data.length, data)]))
    }
  },
  'challenges that ask for large answers': (peer, random, largest) =>
    repeat(16, () => {
      const packet = new Uint8Array(Math.min(largest, 1_150))
      packet.set(frame(FrameType.PathChallenge, random.bytes(8)))
      peer.send(packet)
    }),
  'an epoch with every packet': peer =>
    repeat(8, () => {
      peer.nextEpoch()
      peer.send(frame(FrameType.Ping))
    }),
  'packet numbers far apart': (peer, random) => {
    let number = peer.nextNumber + 1
    repeat(16, () => {
      number += 1 + random.integer(100_000)
      peer.send(frame(FrameType.Ping), number)
    })
  },
  'streams that are opened and reset': (peer, _random, largest) => {
    const frames: Uint8Array[] = []
    for (let id = 0, length = 0; id < 512 && length < Math.min(largest, 4_000); id += 4) {
      frames.push(frame(FrameType.Reset, id, 7, 0))
      length += frames.at(-1)!.length
    }
    peer.send(joined(frames))
  },
  'a close that says what a terminal obeys': peer => {
    const reason = new TextEncoder().encode('\u001b]0;owned\u0007\r\n\u202egone')
    peer.send(frame(FrameType.Close, Uint8Array.of(1), 7, reason.length, reason))
  },
}

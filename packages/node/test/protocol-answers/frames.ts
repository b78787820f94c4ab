import * as frame from '@stt/frame'
import { type Answer, type Answers, counting, utf8 } from './inputs.ts'

/** What the writers of frames make of one of each layout, what hole punching and more than one link brought among them. */
export function frames(): Answers {
  const header = new Uint8Array(frame.PACKET_HEADER_SIZE)
  frame.writePacketHeader(header, counting(0xd0, 8), 258, 5)
  const list = { number: 2, candidates: [IPV4, IPV6] }
  return {
    section: '3',
    values: [
      ...[63, 64, 16_384, 2 ** 30, frame.MAX_VARINT].map(varint),
      ['header', 'epoch 5, number 258, for the connection id d0…d7', header],
      ['RESET', 'stream 4, code 9, final size 300', written((into, at) => frame.writeReset(into, at, 4, 9, 300))],
      ['STOP', 'stream 4, code 9', written((into, at) => frame.writeStop(into, at, 4, 9))],
      ['MAX_STREAMS', '130 one-way streams', written((into, at) => frame.writeMaxStreams(into, at, true, 130))],
      ['ACK', '90 to 100 and 80 to 85, 1,000 µs after 100 arrived', written(ack)],
      [
        'CLOSE',
        "the application's code 7, done",
        written((into, at) => frame.writeClose(into, at, true, 7, utf8('done'))),
      ],
      ['DATAGRAM', 'stt', written((into, at) => frame.writeDatagram(into, at, utf8('stt')))],
      ['JOIN', 'serial 3, kind 1', written((into, at) => frame.writeJoin(into, at, 3, frame.JoinKind.MessageLink))],
      ['PATH_CHALLENGE', 'a0…a7', written((into, at) => frame.writePathChallenge(into, at, counting(0xa0, 8)))],
      ['PATH_RESPONSE', 'a0…a7', written((into, at) => frame.writePathResponse(into, at, counting(0xa0, 8)))],
      ['candidate', 'observed: 192.0.2.7, port 40001', written((into, at) => frame.writeCandidate(into, at, IPV4))],
      ['ADDRESSES', 'sequence 2: that one, and of the host 2001:db8::7, port 4433', written(listOf('Addresses', list))],
      ['PUNCH', 'round 2: the same', written(listOf('Punch', list))],
      ['OBSERVED', 'the first of them', written((into, at) => frame.writeObserved(into, at, IPV4))],
    ],
  }
}

type Write = (into: Uint8Array, at: number) => number

function written(write: Write): Uint8Array {
  const into = new Uint8Array(128)
  return into.subarray(0, write(into, 0))
}

const varint = (value: number): Answer => [
  `varint ${value === frame.MAX_VARINT ? '2^53 - 1' : value.toLocaleString('en')}`,
  written((into, at) => frame.writeVarint(into, at, value)),
]

const ack: Write = (into, at) => frame.writeAck(into, at, into.length, [100, 90, 85, 80], 1_000)

const listOf =
  (type: 'Addresses' | 'Punch', list: frame.AddressList): Write =>
  (into, at) =>
    frame.writeAddressList(into, at, frame.FrameType[type], list)

const IPV4: frame.Candidate = { source: 'observed', address: '192.0.2.7', port: 40_001 }
const IPV6: frame.Candidate = { source: 'host', address: '2001:db8::7', port: 4_433 }

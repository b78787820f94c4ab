import { isSttError } from '@stt/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHex, hex } from '../../test/bytes.ts'
import { vectors } from '../../test/vectors.ts'
import { decodeMessage } from './decode.ts'
import {
  encodeAccept,
  encodeDial,
  encodeGoingAway,
  encodeGreeting,
  encodeIncoming,
  encodeListen,
  encodeNo,
  encodePing,
  encodePong,
  encodeSpliced,
} from './encode.ts'
import { NO_REASONS, type RelayMessage } from './message.ts'

/** Any message, written again. */
function write(message: RelayMessage): Uint8Array {
  const prove = (): Uint8Array => {
    const { proof } = message as { proof?: { keyId: Uint8Array; expiry: number; mac: Uint8Array } }
    if (!proof) return new Uint8Array(0)
    const expiry = new Uint8Array(4)
    new DataView(expiry.buffer).setUint32(0, proof.expiry)
    return Uint8Array.of(...proof.keyId, ...expiry, ...proof.mac)
  }
  switch (message.type) {
    case 'greeting':
      return encodeGreeting(message)
    case 'listen':
      return encodeListen(message.claims, prove)
    case 'dial':
      return encodeDial(message.mailboxes, prove)
    case 'incoming':
      return encodeIncoming(message.ticket, message.url)
    case 'accept':
      return encodeAccept(message.ticket)
    case 'spliced':
      return encodeSpliced()
    case 'no':
      return encodeNo(message.reason as 'full', message.retryAfter, message.url)
    case 'goingAway':
      return encodeGoingAway(message.reconnectIn, message.tryFor)
    case 'ping':
      return encodePing(message.data)
    default:
      return encodePong(message.data)
  }
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const uint32 = fc.nat(2 ** 32 - 1)
const uint16 = fc.nat(65_535)
const proof = fc.option(fc.record({ keyId: bytes(8), expiry: uint32, mac: bytes(16) }), { nil: undefined })
const candidate = fc.record({
  source: fc.constantFrom('host', 'observed', 'mapped', 'configured'),
  address: fc.oneof(fc.ipV4(), fc.constant('2001:db8::7')),
  port: uint16,
})

const url = fc.constantFrom('', 'wss://relay.example/', `wss://${'a'.repeat(506)}`)

const message: fc.Arbitrary<RelayMessage> = fc.oneof<fc.Arbitrary<RelayMessage>[]>(
  fc.record({
    type: fc.constant('greeting'),
    nonce: bytes(16),
    unixSeconds: uint32,
    observed: fc.option(candidate, { nil: undefined }),
    udpPorts: fc.tuple(uint16, uint16),
    rate: uint32,
    burst: uint32,
    freeMebibytes: uint32,
    freeSeconds: uint32,
    needsAccess: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('listen'),
    claims: fc.array(fc.record({ mailbox: bytes(32), token: bytes(16) }), { minLength: 1, maxLength: 4 }),
    proof,
    body: fc.constant(new Uint8Array(0)),
  }),
  fc.record({
    type: fc.constant('dial'),
    mailboxes: fc.array(bytes(32), { minLength: 1, maxLength: 2 }),
    proof,
    body: fc.constant(new Uint8Array(0)),
  }),
  fc.record({ type: fc.constant('incoming'), ticket: bytes(16), url }),
  fc.record({ type: fc.constant('accept'), ticket: bytes(16) }),
  fc.record({ type: fc.constant('spliced') }),
  fc.record({
    type: fc.constant('no'),
    reason: fc.constantFrom(...NO_REASONS),
    retryAfter: uint32,
    url,
  }),
  fc.record({ type: fc.constant('goingAway'), reconnectIn: uint32, tryFor: uint32 }),
  fc.record({ type: fc.constantFrom('ping', 'pong'), data: bytes(8) }),
)

const withoutBody = (given: RelayMessage): object => ({ ...given, body: undefined })

// spec: STT-RLY-5
test('what is written is read, and every longer or shorter form is refused', () => {
  fc.assert(
    fc.property(message, fc.nat(), (given, at) => {
      const written = write(given)
      expect(withoutBody(decodeMessage(written))).toEqual(withoutBody(given))
      const cut = written.subarray(0, at % written.length)
      // A message without its whole proof is a message that had none.
      const isProofCut = written.length - cut.length === 28 && (written[0] === 0xc1 || written[0] === 0xc2)
      const isBodyOfSpliced = written[0] === 0xc5
      if (!isProofCut) expect(refuses(cut)).toBe(true)
      if (!isBodyOfSpliced) expect(refuses(Uint8Array.of(...written, 0))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

// spec: STT-RLY-5
test('whatever bytes come: they are read or refused, and what is read is written the same again', () => {
  const known = vectors.messages.map(({ hex: each }) => fromHex(each))
  const mutated = fc
    .tuple(fc.constantFrom(...known), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(300))
    .map(([original, changes, length]) => {
      const copy = original.slice(0, Math.max(1, length))
      for (const [position, value] of changes) copy[position % copy.length] = value
      return copy
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), mutated), given => {
      const copy = given.slice()
      if (refuses(given)) return
      const read = decodeMessage(given)
      expect(given).toEqual(copy)
      // Values of a later version are ignored, not kept: candidates, flags, reasons, the body of SPLICED.
      const isForLater =
        read.type === 'spliced' || read.type === 'greeting' || (read.type === 'no' && read.reason === 'unknown')
      if (!isForLater) expect(hex(write(read))).toBe(hex(given))
    }),
    { numRuns: 5_000 },
  )
})

function refuses(given: Uint8Array): boolean {
  try {
    decodeMessage(given)
    return false
  } catch (error) {
    if (isSttError(error, 'STT_DECODE')) return true
    throw error
  }
}

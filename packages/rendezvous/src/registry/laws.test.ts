import { isSttError } from '@stt/errors'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hex } from '../../test/bytes.ts'
import { encodeGreeting, encodeNo } from '../messages/encode.ts'
import { decodeRegistryMessage } from './decode.ts'
import { encodeGet, encodePut, encodeRecords, encodeStored } from './encode.ts'
import { MAX_ENTRIES, MAX_SLOTS, type RegistryMessage } from './message.ts'

/** A message, written again. */
function write(message: RegistryMessage): Uint8Array {
  switch (message.type) {
    case 'greeting':
      return encodeGreeting(message)
    case 'no':
      return encodeNo(message.reason as 'full', message.retryAfter, message.url)
    case 'put':
      return encodePut(message, () => proofOf(message))
    case 'get':
      return encodeGet(message.topic, () => proofOf(message))
    case 'stored':
      return encodeStored()
    default: {
      const [first] = encodeRecords(message.entries)
      first![1] = message.more ? 1 : 0
      return first!
    }
  }
}

function proofOf({ proof }: Extract<RegistryMessage, { type: 'put' | 'get' }>): Uint8Array {
  if (!proof) return new Uint8Array(0)
  const expiry = new Uint8Array(4)
  new DataView(expiry.buffer).setUint32(0, proof.expiry)
  return Uint8Array.of(...proof.keyId, ...expiry, ...proof.mac)
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
// Drawing each byte would take minutes.
const blob = fc.tuple(fc.constantFrom(544, 1_024), fc.nat(255)).map(([size, fill]) => new Uint8Array(size).fill(fill))
const proof = fc.option(fc.record({ keyId: bytes(8), expiry: fc.nat(2 ** 32 - 1), mac: bytes(16) }), { nil: undefined })
const body = fc.constant(new Uint8Array(0))
const message: fc.Arbitrary<RegistryMessage> = fc.oneof<fc.Arbitrary<RegistryMessage>[]>(
  fc
    .record({ topic: bytes(32), token: bytes(16), ttl: fc.integer({ min: 0, max: 300 }), blob, proof, body })
    .map(put => ({ type: 'put', ...put, blob: put.ttl === 0 ? new Uint8Array(0) : put.blob })),
  fc.record({ type: fc.constant('get'), topic: bytes(32), proof, body }),
  fc.constant({ type: 'stored' }),
  fc.record({
    type: fc.constant('records'),
    more: fc.boolean(),
    entries: fc.array(fc.record({ slot: bytes(16), blob }), { maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('no'),
    reason: fc.constantFrom('full', 'auth', 'rate'),
    retryAfter: fc.nat(),
    url: fc.constant(''),
  }),
)

// spec: STT-REG-6
test('what is written is read, and every longer or shorter form is refused', () => {
  fc.assert(
    fc.property(message, fc.nat(), (given, at) => {
      const written = write(given)
      const read = decodeRegistryMessage(written)
      expect({ ...read, body: undefined }).toEqual({ ...given, body: undefined })
      const cut = written.subarray(0, at % written.length)
      // A message without its whole proof is a message that had none.
      const isProofCut = written.length - cut.length === 28 && (given.type === 'put' || given.type === 'get')
      if (!isProofCut) expect(refuses(cut)).toBe(true)
      expect(refuses(Uint8Array.of(...written, 0))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

// spec: STT-REG-6
test('whatever bytes come: they are read or refused, and what is read is written the same again', () => {
  const mutated = fc
    .tuple(message.map(write), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }))
    .map(([original, changes]) => {
      const copy = original.slice()
      for (const [position, value] of changes) copy[position % Math.min(copy.length, 60)] = value
      return copy
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), mutated), given => {
      const copy = given.slice()
      if (refuses(given)) return
      const read = decodeRegistryMessage(given)
      expect(given).toEqual(copy)
      const isForLater = read.type === 'greeting' || (read.type === 'no' && read.reason === 'unknown')
      if (!isForLater) expect(hex(write(read))).toBe(hex(given))
    }),
    { numRuns: 3_000 },
  )
})

// spec: STT-REG-5
test('a full topic takes two messages, each within the largest that a WebSocket link carries', () => {
  const entries = Array.from({ length: MAX_SLOTS }, (_, i) => ({
    slot: new Uint8Array(16).fill(i),
    blob: new Uint8Array(1_024),
  }))
  const messages = encodeRecords(entries)
  expect(messages.map(each => each.length)).toEqual([3 + MAX_ENTRIES * 1_042, 3 + MAX_ENTRIES * 1_042])
  const read = messages.map(decodeRegistryMessage)
  expect(read.map(each => each.type === 'records' && each.more)).toEqual([true, false])
  expect(read.flatMap(each => (each.type === 'records' ? each.entries : []))).toEqual(entries)
  expect(encodeRecords([]).map(hex)).toEqual(['e40000'])
})

function refuses(given: Uint8Array): boolean {
  try {
    decodeRegistryMessage(given)
    return false
  } catch (error) {
    if (isSttError(error, 'STT_DECODE')) return true
    throw error
  }
}

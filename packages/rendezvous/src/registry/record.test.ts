import { cke, Identity, provider, randomBytes, Seed } from '@stt/crypto'
import { encode } from '@stt/serialize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { counting } from '../../test/bytes.ts'
import { slotName, topicName } from '../names.ts'
import { isRecordSize, openRecord, type PeerRecord, type RecordPlace, sealRecord } from './record.ts'

const { rendezvous } = Seed.fromBytes(counting(0, 32)).deriveRendezvousKeys()
const identity = Identity.fromPrivateKey(counting(32, 32))

function placeOf(hour: number, of: Identity = identity): RecordPlace {
  const topic = topicName(rendezvous, hour)
  return { rendezvous, hour, topic, slot: slotName(topic, of.slotToken(topic)) }
}

const record: PeerRecord = {
  id: identity.id,
  seq: 1_782_000_000_123,
  expires: 1_782_000_150,
  relays: ['wss://a.example'],
}
const salt = counting(1, 16)
const place = placeOf(495_000)

describe('a sealed record', () => {
  // spec: STT-REG-3
  test('is opened by who holds the seed, and has one of two sizes', () => {
    expect(openRecord(sealRecord(record, place, salt), place)).toEqual(record)
    const sizes = [0, 1, 3, 8].map(count => {
      const relays = Array.from({ length: count }, (_, i) => `wss://relay-${i}.example/${'x'.repeat(50)}`)
      const sealed = sealRecord({ ...record, relays }, place, salt)
      expect(openRecord(sealed, place)).toEqual({ ...record, relays })
      return sealed.length
    })
    expect(sizes).toEqual([544, 544, 544, 1_024])
    expect([543, 544, 545, 1_023, 1_024, 1_025].filter(isRecordSize)).toEqual([544, 1_024])
  })

  test('that would be larger is refused with what to do', () => {
    const relays = [`wss://${'a'.repeat(990)}`]
    expect(() => sealRecord({ ...record, relays }, place, salt)).toThrow(/name fewer relays/)
  })

  // spec: STT-REG-3
  test('is for one slot, one hour and one seed: elsewhere it is nothing', () => {
    const sealed = sealRecord(record, place, salt)
    const other = Seed.fromBytes(counting(1, 32)).deriveRendezvousKeys().rendezvous
    expect(openRecord(sealed, placeOf(495_001))).toBeUndefined()
    expect(openRecord(sealed, { ...place, topic: placeOf(495_001).topic })).toBeUndefined()
    expect(openRecord(sealed, placeOf(495_000, Identity.generate()))).toBeUndefined()
    expect(openRecord(sealed, { ...place, rendezvous: other })).toBeUndefined()
  })

  // spec: STT-REG-3
  test('shares no 8 bytes with another of the same node, nor with what is in it', () => {
    const first = sealRecord(record, place, randomBytes(16))
    const secret = [first, identity.id, new TextEncoder().encode('wss://a.example'), encode(record.seq)]
    const second = Buffer.from(sealRecord(record, place, randomBytes(16))).toString('latin1')
    const windows = secret.flatMap(bytes => {
      const text = Buffer.from(bytes).toString('latin1')
      return Array.from({ length: Math.max(0, text.length - 7) }, (_, i) => text.slice(i, i + 8))
    })
    expect(windows.filter(each => second.includes(each))).toEqual([])
  })
})

// spec: STT-REG-4
test('whatever is in a slot: it is opened as a record or passed over', () => {
  const good = sealRecord(record, place, salt)
  const changed = fc
    .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
    .map(([at, by]) => good.map((byte, i) => (i === at ? byte ^ by : byte)))
  fc.assert(
    fc.property(
      fc.oneof(changed, fc.uint8Array({ maxLength: 1_100 }), fc.uint8Array({ minLength: 544, maxLength: 544 })),
      blob => {
        expect(openRecord(blob, place)).toBeUndefined()
      },
    ),
    { numRuns: 300 },
  )
})

// Records that only a holder of the seed can write.
// spec: STT-REG-4
describe('a record that says something else', () => {
  const good = { id: identity.id, seq: 5, exp: 7, relays: ['wss://a.example'] }
  test.each<[string, unknown]>([
    ['no dict', [1, 2]],
    ['null', null],
    ['bytes', new Uint8Array(3)],
    ['no id', { ...good, id: undefined }],
    ['a short id', { ...good, id: new Uint8Array(31) }],
    ['an id in text', { ...good, id: 'a'.repeat(32) }],
    ['a negative seq', { ...good, seq: -1 }],
    ['a huge seq', { ...good, seq: 2n ** 60n }],
    ['no time', { ...good, exp: 'soon' }],
    ['relays that are no list', { ...good, relays: 'wss://a.example' }],
    ['a relay that is no text', { ...good, relays: [7] }],
    ['nine relays', { ...good, relays: Array.from({ length: 9 }, () => 'wss://a.example') }],
    ['a very long relay', { ...good, relays: ['a'.repeat(513)] }],
    ['lists in lists in lists', { ...good, x: [[[1]]] }],
  ])('%s is passed over', (_name, body) => {
    const fields = Object.entries(body ?? {}).filter(([, value]) => value !== undefined)
    const isDict = typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array)
    expect(openRecord(sealBody(encode((isDict ? Object.fromEntries(fields) : body) as never)), place)).toBeUndefined()
  })

  test('what a later version adds is passed over, and zeros follow to the end', () => {
    expect(openRecord(sealBody(encode({ ...good, addrs: ['x'] })), place)).toMatchObject({ seq: 5, expires: 7 })
    const body = encode(good)
    expect(openRecord(sealBody(body, 1), place)).toBeUndefined()
    expect(openRecord(sealBody(body, 0, 511), place)).toBeUndefined()
    expect(openRecord(sealBody(new Uint8Array(0)), place)).toBeUndefined()
  })

  /** Seals any body as a record is sealed. */
  function sealBody(body: Uint8Array, tail = 0, length = body.length): Uint8Array {
    const padded = new Uint8Array(body.length > 510 ? 992 : 512)
    padded.set([length >>> 8, length & 0xff])
    padded.set(body, 2)
    padded[padded.length - 1] = tail
    const key = keyForTest(salt)
    const sealed = new Uint8Array(padded.length + 32)
    sealed.set(salt)
    key.seal(new Uint8Array(12), Uint8Array.of(...place.topic, ...place.slot), padded, sealed, 16)
    return sealed
  }
})

function keyForTest(given: Uint8Array): ReturnType<typeof provider.aead> {
  const record = cke.derive(rendezvous, 'record', hourBytes(place.hour), 32)
  return provider.aead(cke.derive(record, 'rec', Uint8Array.of(...given, ...place.slot), 32))
}

function hourBytes(hour: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(hour))
  return bytes
}

import { readFileSync } from 'node:fs'
import { Identity, Seed } from '@stt/crypto'
import { describe, expect, test } from 'vitest'
import { AccessKeys, proveAccess } from '../src/access.ts'
import type { Prove } from '../src/messages/encode.ts'
import { recordKey, slotName, topicName } from '../src/names.ts'
import { decodeRegistryMessage } from '../src/registry/decode.ts'
import { encodeGet, encodePut, encodeRecords, encodeStored } from '../src/registry/encode.ts'
import type { RegistryMessage } from '../src/registry/message.ts'
import { openRecord, sealRecord } from '../src/registry/record.ts'
import { fromHex, hex } from './bytes.ts'

interface Vectors {
  readonly inputs: Readonly<Record<'seed' | 'staticPrivateKey' | 'authority' | 'nonce' | 'salt', string>> & {
    readonly hour: number
  }
  readonly derived: Readonly<Record<string, string>>
  readonly records: readonly {
    name: string
    body: { id: string; seq: number; exp: number; relays: string[] }
    blob: string
  }[]
  readonly messages: readonly { name: string; hex: string; message: Fields }[]
  readonly refused: readonly { name: string; hex: string }[]
}

/** A message as the file writes it: byte strings are hexadecimal. */
type Fields = { readonly type: string; readonly [name: string]: unknown }

const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/registry.json', import.meta.url), 'utf8'))
const { inputs } = vectors
const { rendezvous, access } = Seed.fromBytes(fromHex(inputs.seed)).deriveRendezvousKeys()
const identity = Identity.fromPrivateKey(fromHex(inputs.staticPrivateKey))
const topic = topicName(rendezvous, inputs.hour)
const token = identity.slotToken(topic)
const place = { rendezvous, hour: inputs.hour, topic, slot: slotName(topic, token) }

// spec: STT-REG-1 STT-REG-2
test('the names of the reference values', () => {
  const derived = {
    topic: hex(topic),
    record: hex(recordKey(rendezvous, inputs.hour)),
    token: hex(token),
    slot: hex(place.slot),
  }
  expect(derived).toEqual(vectors.derived)
})

// spec: STT-REG-3
test.each(vectors.records)('a record of $name is sealed and opened so', ({ body, blob }) => {
  const record = { id: fromHex(body.id), seq: body.seq, expires: body.exp, relays: body.relays }
  expect(hex(sealRecord(record, place, fromHex(inputs.salt)))).toBe(blob)
  expect(openRecord(fromHex(blob), place)).toEqual(record)
})

// spec: STT-REG-5 STT-REG-6
describe('messages', () => {
  test.each(vectors.messages)('$name is read and written so', ({ hex: bytes, message }) => {
    expect(fieldsOf(decodeRegistryMessage(fromHex(bytes)))).toEqual(message)
    expect(hex(write(message))).toBe(bytes)
  })

  test.each(vectors.refused)('$name is refused', ({ hex: bytes }) => {
    expect(() => decodeRegistryMessage(fromHex(bytes))).toThrow(expect.objectContaining({ code: 'STT_DECODE' }))
  })
})

const keys = new AccessKeys([access])
const nonce = fromHex(inputs.nonce)

function fieldsOf(message: RegistryMessage): unknown {
  if (message.type === 'put') {
    const { ttl, blob } = message
    const proved = keys.verify(message, nonce, [inputs.authority])
    return { type: 'put', topic: hex(message.topic), token: hex(message.token), ttl, blob: hex(blob), proved }
  }
  if (message.type === 'get') {
    return { type: 'get', topic: hex(message.topic), proved: keys.verify(message, nonce, [inputs.authority]) }
  }
  if (message.type !== 'records') return message
  return { ...message, entries: message.entries.map(({ slot, blob }) => ({ slot: hex(slot), blob: hex(blob) })) }
}

function write(fields: Fields): Uint8Array {
  const bytes = (name: string): Uint8Array => fromHex(fields[name] as string)
  const prove: Prove = (type, body) =>
    fields['proved'] === true
      ? proveAccess(access, { authority: inputs.authority, nonce }, type, body)
      : new Uint8Array(0)
  if (fields.type === 'put') {
    return encodePut(
      { topic: bytes('topic'), token: bytes('token'), ttl: fields['ttl'] as number, blob: bytes('blob') },
      prove,
    )
  }
  if (fields.type === 'get') return encodeGet(bytes('topic'), prove)
  if (fields.type === 'stored') return encodeStored()
  const entries = fields['entries'] as { slot: string; blob: string }[]
  return encodeRecords(entries.map(({ slot, blob }) => ({ slot: fromHex(slot), blob: fromHex(blob) })))[0]!
}

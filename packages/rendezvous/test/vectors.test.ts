import { Identity, Seed } from '@stt/crypto'
import { describe, expect, test } from 'vitest'
import { AccessKeys, proveAccess } from '../src/access.ts'
import { decodeMessage } from '../src/messages/decode.ts'
import * as encode from '../src/messages/encode.ts'
import type { Greeting, No, RelayMessage } from '../src/messages/message.ts'
import { accessKeyId, homeOf, mailboxName, orderRelays, topicName } from '../src/names.ts'
import { decodeBind, decodeBound, encodeBind, encodeBound } from '../src/observed-address.ts'
import { fromHex, hex } from './bytes.ts'
import { type MessageFields, vectors } from './vectors.ts'

const { inputs } = vectors
const { rendezvous, access } = Seed.fromBytes(fromHex(inputs.seed)).deriveRendezvousKeys()
const identity = Identity.fromPrivateKey(fromHex(inputs.staticPrivateKey))
const context = { authority: inputs.authority, nonce: fromHex(inputs.nonce) }
const keys = new AccessKeys([access])

// spec: STT-RLY-1 STT-RLY-2 STT-RLY-3
test('the keys and names of the reference values', () => {
  const mailbox = mailboxName(rendezvous, identity.id, inputs.hour)
  expect({
    rdv: hex(rendezvous),
    access: hex(access),
    keyId: hex(accessKeyId(access)),
    topic: hex(topicName(rendezvous, inputs.hour)),
    mailbox: hex(mailbox),
    token: hex(identity.mailboxToken(mailbox)),
    home: hex(homeOf(rendezvous, identity.id)),
  }).toEqual(vectors.derived)
})

// spec: STT-RLY-22
test('the order of relays of the reference values', () => {
  expect(orderRelays(homeOf(rendezvous, identity.id), [...vectors.order].sort())).toEqual(vectors.order)
})

// spec: STT-RLY-5
describe('messages', () => {
  test.each(vectors.messages)('$name is read and written so', ({ hex: bytes, message }) => {
    const decoded = decodeMessage(fromHex(bytes))
    expect(fieldsOf(decoded)).toEqual(message)
    expect(hex(write(message))).toBe(bytes)
  })

  test.each(vectors.refused)('$name is refused', ({ hex: bytes }) => {
    expect(() => decodeMessage(fromHex(bytes))).toThrow(expect.objectContaining({ code: 'STT_DECODE' }))
  })
})

// spec: STT-RLY-24
test.each(vectors.datagrams)('datagrams that tell $observed', ({ nonce, observed, bind, bound, size }) => {
  expect(hex(encodeBind(fromHex(nonce), size))).toBe(bind)
  expect(hex(decodeBind(fromHex(bind))!)).toBe(nonce)
  expect(hex(encodeBound(fromHex(nonce), observed))).toBe(bound)
  expect(decodeBound(fromHex(bound), fromHex(nonce))).toEqual(observed)
})

/** As the file has it. */
function fieldsOf(message: RelayMessage): MessageFields {
  if (message.type === 'listen') {
    const claims = message.claims.map(({ mailbox, token }) => hex(mailbox) + hex(token))
    return { type: 'listen', claims, proved: keys.verify(message, context.nonce, [context.authority]) }
  }
  if (message.type === 'dial') {
    const proved = keys.verify(message, context.nonce, [context.authority])
    return { type: 'dial', mailboxes: message.mailboxes.map(hex), proved }
  }
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => [name, value instanceof Uint8Array ? hex(value) : (value ?? null)]),
  ) as unknown as MessageFields
}

function write(fields: MessageFields): Uint8Array {
  const list = (name: string): Uint8Array[] => (fields[name] as string[]).map(fromHex)
  const bytes = (name: string): Uint8Array => fromHex(fields[name] as string)
  const prove: encode.Prove = (type, body) =>
    fields['proved'] === true ? proveAccess(access, context, type, body) : new Uint8Array(0)
  switch (fields.type) {
    case 'greeting': {
      const greeting = fields as unknown as Omit<Greeting, 'nonce'>
      return encode.encodeGreeting({ ...greeting, nonce: bytes('nonce'), observed: greeting.observed ?? undefined })
    }
    case 'listen': {
      const claims = list('claims').map(each => ({ mailbox: each.subarray(0, 32), token: each.subarray(32) }))
      return encode.encodeListen(claims, prove)
    }
    case 'dial':
      return encode.encodeDial(list('mailboxes'), prove)
    case 'incoming':
      return encode.encodeIncoming(bytes('ticket'), fields['url'] as string)
    case 'accept':
      return encode.encodeAccept(bytes('ticket'))
    case 'spliced':
      return encode.encodeSpliced()
    case 'no': {
      const { reason, retryAfter, url } = fields as unknown as No
      return encode.encodeNo(reason as 'full', retryAfter, url)
    }
    case 'goingAway':
      return encode.encodeGoingAway(fields['reconnectIn'] as number, fields['tryFor'] as number)
    case 'ping':
      return encode.encodePing(bytes('data'))
    default:
      return encode.encodePong(bytes('data'))
  }
}

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { bytes, errorCode, hex } from '../test/bytes.ts'
import { known } from '../test/known-answers.ts'
import { providers } from '../test/providers.ts'
import { Identity } from './identity.ts'

describe.each(providers)('identity on $name', provider => {
  // spec: STT-CRY-12
  // spec: STT-CRY-15
  test('has the known node id and reset key', () => {
    const { privateKey, publicKey, id } = known.nodeId
    const identity = Identity.fromPrivateKey(bytes(privateKey), provider)
    expect(hex(identity.publicKey)).toBe(publicKey)
    expect(hex(identity.id)).toBe(id)
    expect(hex(identity.resetKey())).toBe(known.resetKey)
  })
})

test('a generated identity is new each time, and the same again from its bytes', () => {
  const identity = Identity.generate()
  expect(identity.configured).toBe(false)
  expect(Identity.generate().id).not.toEqual(identity.id)
  const again = Identity.fromPrivateKey(identity.toBytes())
  expect(again.configured).toBe(true)
  expect(again.id).toEqual(identity.id)
})

test('a private key of another length is refused', () => {
  expect(() => Identity.fromPrivateKey(new Uint8Array(31))).toThrow(errorCode('STT_INVALID_ARGUMENT'))
})

test('dispose ends it; the copy that was given stays the caller’s', () => {
  const mine = bytes(known.nodeId.privateKey)
  const identity = Identity.fromPrivateKey(mine)
  identity.dispose()
  expect(hex(mine)).toBe(known.nodeId.privateKey)
  const gone = errorCode('STT_DISPOSED')
  expect(() => identity.toBytes()).toThrow(gone)
  expect(() => identity.resetKey()).toThrow(gone)
  expect(() => identity.keyPair.agree(mine)).toThrow(gone)
  expect(hex(identity.id)).toBe(known.nodeId.id)
})

// spec: STT-CRY-17
test('is shown without its key', () => {
  const identity = Identity.fromPrivateKey(bytes(known.nodeId.privateKey))
  expect(inspect(identity, { showHidden: true })).toBe('[Identity]')
  expect(JSON.stringify({ identity })).toBe('{"identity":"[Identity]"}')
  expect(`${identity}`).toBe('[Identity]')
})

// spec: STT-RLY-3
test('has another token for each mailbox, and none once it is disposed of', () => {
  const identity = Identity.fromPrivateKey(bytes(known.nodeId.privateKey))
  const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  expect(identity.mailboxToken(one)).toHaveLength(16)
  expect(hex(identity.mailboxToken(one))).not.toBe(hex(identity.mailboxToken(two)))
  expect(hex(identity.mailboxToken(one))).not.toBe(hex(Identity.generate().mailboxToken(one)))
  expect(() => identity.mailboxToken(new Uint8Array(31))).toThrow(errorCode('STT_INVALID_ARGUMENT'))
  identity.dispose()
  expect(() => identity.mailboxToken(one)).toThrow(errorCode('STT_DISPOSED'))
})

// spec: STT-REG-2
test('has another slot in each topic, which is no mailbox of the same name, and none once it is disposed of', () => {
  const identity = Identity.fromPrivateKey(bytes(known.nodeId.privateKey))
  const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  expect(identity.slotToken(one)).toHaveLength(16)
  expect(hex(identity.slotToken(one))).not.toBe(hex(identity.slotToken(two)))
  expect(hex(identity.slotToken(one))).not.toBe(hex(identity.mailboxToken(one)))
  expect(hex(identity.slotToken(one))).not.toBe(hex(Identity.generate().slotToken(one)))
  expect(() => identity.slotToken(new Uint8Array(31))).toThrow(errorCode('STT_INVALID_ARGUMENT'))
  identity.dispose()
  expect(() => identity.slotToken(one)).toThrow(errorCode('STT_DISPOSED'))
})

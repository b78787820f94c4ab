import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { bytes, errorCode, hex, pattern, text } from '../../test/bytes.ts'
import { known } from '../../test/known-answers.ts'
import { providers } from '../../test/providers.ts'
import { Seed } from './seed.ts'

const secret = bytes(known.seed.seed)

describe.each(providers)('seed on $name', provider => {
  // spec: STT-CRY-14
  test('has the known keys', () => {
    const keys = Seed.fromBytes(secret).deriveKeys(provider)
    expect({ psk0: hex(keys.psk0), psk3: hex(keys.psk3), mac1: hex(keys.mac1) }).toEqual({
      psk0: known.seed.psk0,
      psk3: known.seed.psk3,
      mac1: known.seed.mac1,
    })
  })
})

test('comes from randomness, bytes and digits, and goes back to them', () => {
  expect(Seed.generate().toHex()).not.toBe(Seed.generate().toHex())
  expect(Seed.generate(length => pattern(1, length)).toHex()).toBe(known.seed.seed)
  const seed = Seed.fromBytes(secret)
  expect(seed.toBytes()).toEqual(secret)
  expect(Seed.fromHex(`  ${seed.toHex().toUpperCase()}\n`).toBytes()).toEqual(secret)
})

test('refuses what is not 32 bytes, without repeating it', () => {
  for (const length of [0, 16, 31, 33])
    expect(() => Seed.fromBytes(pattern(1, length))).toThrow(errorCode('STT_BAD_SEED'))
  for (const text of ['', 'cafe', `${known.seed.seed}00`, `0x${known.seed.seed.slice(2)}`, known.seed.seed.slice(1)]) {
    expect(() => Seed.fromHex(text)).toThrow(errorCode('STT_BAD_SEED'))
    if (text !== '') expect(() => Seed.fromHex(text)).not.toThrow(text)
  }
})

// spec: STT-CRY-13
test('refuses 32 times the same byte', () => {
  for (const byte of [0, 0x41, 0xff]) {
    expect(() => Seed.fromBytes(new Uint8Array(32).fill(byte))).toThrow(errorCode('STT_WEAK_SEED'))
  }
  expect(() => Seed.fromHex('0'.repeat(64))).toThrow(errorCode('STT_WEAK_SEED'))
  expect(() => Seed.generate(length => new Uint8Array(length))).toThrow(errorCode('STT_WEAK_SEED'))
  const nearly = new Uint8Array(32)
  nearly[31] = 1
  expect(Seed.fromBytes(nearly).toBytes()).toEqual(nearly)
})

test('keeps its own copy and gives copies', () => {
  const mine = secret.slice()
  const seed = Seed.fromBytes(mine)
  mine.fill(0)
  seed.toBytes().fill(0)
  expect(seed.toHex()).toBe(known.seed.seed)
})

test('dispose ends the seed, and its keys when they are disposed of', () => {
  const seed = Seed.fromBytes(secret)
  const keys = seed.deriveKeys()
  seed.dispose()
  const gone = errorCode('STT_DISPOSED')
  expect(() => seed.toBytes()).toThrow(gone)
  expect(() => seed.toHex()).toThrow(gone)
  expect(() => seed.deriveKeys()).toThrow(gone)

  const { psk0, psk3, mac1 } = keys
  expect(hex(mac1)).toBe(known.seed.mac1)
  keys.dispose()
  for (const key of [psk0, psk3, mac1]) expect(key).toEqual(new Uint8Array(32))
  expect(() => keys.psk0).toThrow(gone)
  expect(() => keys.psk3).toThrow(gone)
  expect(() => keys.mac1).toThrow(gone)
})

// spec: STT-CRY-14
test('the seed is wiped when it is disposed of, the key between seed and keys at once', () => {
  const provider = providers[0]!
  const seed = Seed.fromBytes(secret)
  const seen: { inside: Uint8Array[]; between: Uint8Array[] } = { inside: [], between: [] }
  seed.deriveKeys({
    ...provider,
    hmac(key, ...parts) {
      const mac = provider.hmac(key, ...parts)
      if (hex(key) === hex(text('STTv1 seed'))) {
        seen.inside.push(...parts)
        seen.between.push(mac)
      }
      return mac
    },
  })
  expect(seen).toEqual({ inside: [secret], between: [new Uint8Array(64)] })
  seed.dispose()
  expect(seen.inside).toEqual([new Uint8Array(32)])
})

// spec: STT-CRY-17
test('is shown as what it is, and no more', () => {
  const seed = Seed.fromBytes(secret)
  const keys = seed.deriveKeys()
  for (const [object, shown] of [
    [seed, '[Seed]'],
    [keys, '[SeedKeys]'],
  ] as const) {
    expect(inspect(object, { showHidden: true, depth: 9 })).toBe(shown)
    expect(inspect({ object }, { depth: 9 })).toBe(`{ object: ${shown} }`)
    expect(JSON.stringify({ object })).toBe(`{"object":"${shown}"}`)
    expect(`${object}`).toBe(shown)
    expect(Object.keys(object)).toEqual([])
    expect(structuredClone({ ...object })).toEqual({})
  }
})

// spec: STT-RLY-1
test('its rendezvous keys are others than those of the handshake, and wiped together', () => {
  const keys = Seed.fromBytes(secret).deriveRendezvousKeys()
  const { rendezvous, access, lan } = keys
  const all = [rendezvous, access, lan, ...Object.values(known.seed).map(bytes)].map(hex)
  expect(new Set(all).size).toBe(all.length)
  expect([inspect(keys), JSON.stringify({ keys })]).toEqual(['[RendezvousKeys]', '{"keys":"[RendezvousKeys]"}'])
  keys.dispose()
  for (const key of [rendezvous, access, lan]) expect(key).toEqual(new Uint8Array(32))
  for (const name of ['rendezvous', 'access', 'lan'] as const)
    expect(() => keys[name]).toThrow(errorCode('STT_DISPOSED'))
})

// spec: STT-RLY-1
test('the key between seed and rendezvous keys is wiped', () => {
  const provider = providers[0]!
  const between: Uint8Array[] = []
  Seed.fromBytes(secret).deriveRendezvousKeys({
    ...provider,
    hmac(key, ...parts) {
      const mac = provider.hmac(key, ...parts)
      if (hex(key) === hex(text('STTv1 seed'))) between.push(mac)
      return mac
    },
  })
  expect(between).toEqual([new Uint8Array(64)])
})

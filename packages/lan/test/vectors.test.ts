import { readFileSync } from 'node:fs'
import { Identity, Seed } from '@stt/crypto'
import { expect, test } from 'vitest'
import { type LanPlace, lanTag, openLanPeer, sealLanPeer } from '../src/lan-names.ts'

interface Vectors {
  readonly inputs: { readonly seed: string; readonly staticPrivateKey: string; readonly hours: readonly number[] }
  readonly lan: string
  readonly tags: readonly string[]
  readonly peers: readonly (LanPlace & { readonly sealed: string })[]
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const fromHex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/lan.json', import.meta.url), 'utf8'))
const { lan } = Seed.fromBytes(fromHex(vectors.inputs.seed)).deriveRendezvousKeys()
const { id } = Identity.fromPrivateKey(fromHex(vectors.inputs.staticPrivateKey))

// spec: STT-LAN-1
test('the key and the tags of the reference values', () => {
  expect(hex(lan)).toBe(vectors.lan)
  expect(vectors.inputs.hours.map(hour => lanTag(lan, hour))).toEqual(vectors.tags)
})

// spec: STT-LAN-2
test.each(vectors.peers)('an id is sealed so at $address', ({ sealed, ...place }) => {
  expect(hex(sealLanPeer(lan, place, id))).toBe(sealed)
  expect(hex(openLanPeer(lan, place, fromHex(sealed))!)).toBe(hex(id))
  expect(openLanPeer(lan, { ...place, hour: place.hour + 1 }, fromHex(sealed))).toBeUndefined()
  expect(openLanPeer(lan, place, fromHex(sealed).subarray(1))).toBeUndefined()
})

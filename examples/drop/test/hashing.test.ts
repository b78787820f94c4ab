import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashing, readyHashing } from '../page/hashing.ts'
import { loadSodiumHashing } from '../page/sodium-hashing.ts'

const hashOf = (bytes: Uint8Array): Buffer => createHash('blake2b512').update(bytes).digest().subarray(0, 32)

test.each([
  ['portable', async () => hashing],
  ['WebAssembly', loadSodiumHashing],
])('%s: pieces of any size, two files in turn, and a hash that is asked for on the way', async (_, load) => {
  const { create, of } = await load().then(found => ({ create: () => found.create(), of: found.of.bind(found) }))
  const bytes = new Uint8Array(randomBytes(300_000))
  const [one, other] = [create(), create()]
  const cuts = [0, 1, 128, 129, 65_536, 200_000, 300_000]
  for (const [i, end] of cuts.entries()) {
    const piece = bytes.subarray(cuts[i - 1] ?? 0, end)
    one.update(piece)
    other.update(piece.toReversed())
    expect(Buffer.compare(one.value, hashOf(bytes.subarray(0, end)))).toBe(0)
  }
  expect(Buffer.compare(one.value, other.value)).not.toBe(0)
  expect(Buffer.compare(of(bytes), hashOf(bytes))).toBe(0)
  expect(Buffer.compare(of(new Uint8Array(0)), hashOf(new Uint8Array(0)))).toBe(0)
})

test('a hash that was begun before WebAssembly came goes on, and gives the same', async () => {
  const before = hashing.create()
  before.update(new Uint8Array(1_000))
  await readyHashing()
  before.update(new Uint8Array(1_000))
  expect(hashing.create().constructor).not.toBe(before.constructor)
  expect(Buffer.compare(before.value, hashing.of(new Uint8Array(2_000)))).toBe(0)
})

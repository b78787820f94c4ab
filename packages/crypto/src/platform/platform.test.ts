import { expect, test } from 'vitest'
import * as browser from './browser.ts'
import * as node from './node.ts'

test('each platform has its provider', () => {
  expect(node.provider.name).toMatch(/^node(\+wasm)?$/)
  expect(browser.provider.name).toBe('portable')
})

test.each([
  ['node', node.randomBytes],
  ['browser', browser.randomBytes],
])('%s gives as many random bytes as asked for, all of them set', (_name, randomBytes) => {
  for (const length of [0, 1, 32, 65_536, 65_537, 200_000]) {
    const bytes = randomBytes(length)
    expect(bytes).toHaveLength(length)
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    // A stretch of 64 zero bytes would be a part that was never filled.
    if (length >= 64) expect(Buffer.from(bytes).includes(Buffer.alloc(64))).toBe(false)
  }
  expect(randomBytes(32)).not.toEqual(randomBytes(32))
})

test.each([
  ['node', node.randomBytes],
  ['browser', browser.randomBytes],
])('%s gives no random byte twice, in draws of any length', (_name, randomBytes) => {
  const drawn = Buffer.concat(Array.from({ length: 2_000 }, (_, i) => randomBytes(i % 70)))
  // Seven bytes are the same at two places of so many in one run of thirty millions. Overlapping draws have the same ones, and
  // what was wiped before it was given is zero.
  const seen = new Set(Array.from({ length: drawn.length - 6 }, (_, at) => drawn.toString('hex', at, at + 7)))
  expect(seen.size).toBe(drawn.length - 6)
})

import { provider } from '@stt/crypto'
import { expect, test } from 'vitest'
import { SegmentKey, SegmentNonces } from './segment-key.ts'

test('a nonce has all of the sequence number in its last eight bytes', () => {
  // spec: STT-SEG-23
  const nonces = new SegmentNonces(new Uint8Array(12).fill(0xf0))
  expect([...nonces.of(0)]).toEqual(new Array(12).fill(0xf0))
  const far = 2 ** 53 - 2
  expect([...nonces.of(far)]).toEqual([...new Array(4).fill(0xf0), 0xf0, 0xef, 0x0f, 0x0f, 0x0f, 0x0f, 0x0f, 0x0e])
})

test('a key wipes its secret when it is disposed of', () => {
  const secret = new Uint8Array(32).fill(7)
  const key = new SegmentKey(provider, secret, 0)
  expect(key.next().epoch).toBe(1)
  key.dispose()
  expect(secret).toEqual(new Uint8Array(32))
})

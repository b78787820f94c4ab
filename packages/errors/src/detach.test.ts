import { describe, expect, test } from 'vitest'
import { detach } from './detach.ts'

describe('detach', () => {
  test('frees large memory of which the bytes are all', () => {
    const bytes = new Uint8Array(65_536)
    detach(bytes)
    expect([bytes.length, bytes.buffer.byteLength]).toEqual([0, 0])
  })

  test('leaves alone memory of which the bytes are a part', () => {
    const whole = new Uint8Array(65_536).fill(7)
    detach(whole.subarray(0, 65_535))
    detach(whole.subarray(1))
    expect([whole.length, whole[65_535]]).toEqual([65_536, 7])
  })

  test('leaves small memory to the collector', () => {
    const bytes = new Uint8Array(255)
    detach(bytes)
    expect(bytes).toHaveLength(255)
  })
})

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { Decoder, decode } from '../src/index.ts'
import { refusal } from './refusal.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const SIZE = 2 * 1024 * 1024
/** `head`, then `unit` over and over up to 2 MiB. */
function filled(head: readonly number[], unit: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(SIZE)
  bytes.set(head)
  for (let at = head.length; at + unit.length <= SIZE; at += unit.length) bytes.set(unit, at)
  return bytes
}
const u32 = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
const listOf = (unit: readonly number[]): Uint8Array => {
  const count = Math.floor((SIZE - 5) / unit.length)
  return filled([0x40, ...u32(count)], unit).subarray(0, 5 + count * unit.length)
}
/** Ascending entries of ten bytes with a null: a key of four letters. */
const entry = (index: number): number[] => {
  const letters = [...index.toString(36).padStart(4, '0')].map(letter => letter.charCodeAt(0))
  return [0x31, 0, 0, 0, 4, ...letters, 0x00]
}
const eachOwn = (tag: number, size: number, unit: (index: number) => number[]): Uint8Array => {
  const count = Math.floor((SIZE - 5) / size)
  const bytes = new Uint8Array(5 + count * size)
  bytes.set([tag, ...u32(count)])
  for (let index = 0; index < count; index++) bytes.set(unit(index), 5 + index * size)
  return bytes
}

// Each is 2 MiB of which one byte costs as much as a byte can.
const inputs: [string, Uint8Array][] = [
  ['nulls in a list', listOf([0x00])],
  ['empty lists in a list', listOf([0x40, 0, 0, 0, 0])],
  ['empty dicts in a list', listOf([0x41, 0, 0, 0, 0])],
  ['empty byte arrays in a list', listOf([0x30, 0, 0, 0, 0])],
  ['one-letter strings in a list', listOf([0x31, 0, 0, 0, 1, 0x61])],
  ['large integers in a list', listOf([0x17, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['floats in a list', listOf([0x21, 0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a])],
  ['short floats and nulls in a list', listOf([0x20, 0x3f, 0x80, 0x00, 0x01, 0x00])],
  ['typed integers in a list', listOf([0x14, 0x01])],
  ['small dicts in a list', listOf([0x41, 0, 0, 0, 1, 0x31, 0, 0, 0, 1, 0x61, 0])],
  ['a dict of many keys', eachOwn(0x41, 10, entry)],
  ['dicts with a key of their own each', eachOwn(0x40, 15, index => [0x41, 0, 0, 0, 1, ...entry(index)])],
  ['lists that each claim all the rest', filled([], [0x40, 0x00, 0x01, 0x00, 0x00])],
  ['lists nested in one another', filled([], [0x40, 0, 0, 0, 1])],
  ['dicts nested in one another', filled([], [0x41, 0, 0, 0, 1, 0x31, 0, 0, 0, 0])],
]

describe('2 MiB from a hostile peer', () => {
  it.each(inputs)('cost no more memory than they are: %s', (_name, bytes) => {
    // spec: STT-SER-18, STT-SER-21
    // The engine's own code for it makes less in passing than its interpreter.
    for (let time = 0; time < 30; time++) refusal(() => decode(bytes, { typed: true }))
    collect()
    const before = memory()
    expect(refusal(() => decode(bytes, { typed: true })).code).toBe('STT_DECODE')
    // Without a collection since: this counts all memory that was allocated, temporary memory too.
    expect(memory() - before).toBeLessThan(1.25 * SIZE)
  })

  it.each(inputs)('cost a stream no more than their bytes and the growing of their buffer: %s', (_name, bytes) => {
    // spec: STT-SER-23
    collect()
    const before = process.memoryUsage().arrayBuffers
    const decoder = new Decoder({ typed: true })
    let largest = 0
    const push = (): void => {
      for (let at = 0; at < bytes.length; at += 10_000) {
        decoder.push(bytes.subarray(at, at + 10_000))
        largest = Math.max(largest, decoder.bufferedBytes)
      }
    }
    expect(refusal(push).code).toBe('STT_DECODE')
    expect(largest).toBeLessThanOrEqual(SIZE)
    // Buffers of 1 KiB, 2 KiB and so on up to 2 MiB, had nothing of them been freed meanwhile.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2.25 * SIZE)
    expect(decoder.bufferedBytes).toBe(0)
  })

  it('is not believed about sizes', () => {
    // spec: STT-SER-18, STT-SER-23
    for (const tag of [0x30, 0x31, 0x40, 0x41]) {
      const claim = Uint8Array.of(tag, 0xff, 0xff, 0xff, 0xff)
      expect(refusal(() => decode(claim)).code).toBe('STT_DECODE')
      expect(refusal(() => new Decoder().push(claim))).toMatchObject({ rule: 'limit-bytes', offset: 0 })
    }
  })
})

const memory = (): number => {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

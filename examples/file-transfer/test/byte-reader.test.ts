import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteReader } from '../src/byte-reader.ts'

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (const size of sizes) {
    yield bytes.subarray(at, at + size)
    at += size
  }
  if (at < bytes.length) yield bytes.subarray(at)
}

test('how the bytes are cut into chunks changes nothing', async () => {
  const bytes = fc.uint8Array({ minLength: 8, maxLength: 64 })
  await fc.assert(
    fc.asyncProperty(bytes, fc.array(fc.nat(9)), async (bytes, sizes) => {
      const reader = new ByteReader(chunksOf(bytes, sizes))
      expect(await reader.exactly(5)).toEqual(bytes.subarray(0, 5))
      const rest: number[] = []
      for await (const chunk of reader.take(bytes.length - 5)) rest.push(...chunk)
      expect(rest).toEqual([...bytes.subarray(5)])
      await reader.end()
    }),
  )
})

test('an early end says how many bytes are missing', async () => {
  const reader = new ByteReader(chunksOf(new Uint8Array(3), []))
  await expect(reader.exactly(10)).rejects.toThrow('7 bytes early')
})

test('bytes after the last field are refused', async () => {
  const reader = new ByteReader(chunksOf(new Uint8Array(3), []))
  await reader.exactly(2)
  await expect(reader.end()).rejects.toThrow('goes on')
})

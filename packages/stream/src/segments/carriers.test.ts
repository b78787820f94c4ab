import { concatBytes } from '@stt/crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pattern } from '../../test/pair.ts'
import { coded, context, decoderWith, encoderWith, key } from '../../test/segments.ts'
import { decodeFrom, decoderTransform, encodeFrom, encoderTransform, openSegments, sealSegments } from './index.ts'

const options = { key, context }

test('whole: what is sealed opens, whatever its length', () => {
  for (const length of [0, 1, 15, 16, 17, 65_536, 65_537, 200_000]) {
    const bytes = pattern(length)
    expect(Buffer.compare(openSegments(sealSegments(bytes, options), options), bytes)).toBe(0)
  }
})

test('bytes in any portions give the same stream and the same bytes', async () => {
  const sizes = fc.array(fc.nat(50), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (written, portions) => {
      const bytes = pattern(written.reduce((sum, n) => sum + n, 0))
      const encoder = encoderWith({ segmentSize: 20 })
      const sealed = concatBytes(await collect(encodeFrom(encoder, portionsOf(bytes, written))))
      const opened = await collect(decodeFrom(decoderWith(), portionsOf(sealed, portions)))
      expect(concatBytes(opened)).toEqual(bytes)
    }),
  )
})

describe('iterables', () => {
  test('pull no more than they give: a large portion is sealed segment by segment', async () => {
    let pulled = 0
    const source = (function* () {
      for (; pulled < 5; pulled++) yield pattern(1_000)
    })()
    const encoder = encoderWith({ segmentSize: 100 })
    const sealed = encodeFrom(encoder, source)
    for (let i = 0; i < 3; i++) await sealed.next()
    expect([pulled, encoder.getStatistics().segments]).toEqual([0, 2])
    await sealed.return()
    expect(encoder.getStatistics().ended).toBe(true)
  })

  test('a source that fails gives a stream without an end', async () => {
    const failure = new Error('the disk is gone')
    const source = (function* () {
      yield pattern(10)
      throw failure
    })()
    const pieces: Uint8Array[] = []
    const sealing = (async () => {
      for await (const piece of encodeFrom(encoderWith(), source)) pieces.push(piece)
    })()
    await expect(sealing).rejects.toBe(failure)
    const opened: Uint8Array[] = []
    const opening = (async () => {
      for await (const bytes of decodeFrom(decoderWith(), pieces)) opened.push(bytes)
    })()
    await expect(opening).rejects.toThrow(coded('STT_TRUNCATED'))
    expect(opened).toEqual([pattern(10)])
  })

  test('the key changes where the application says, inside a source', async () => {
    const encoder = encoderWith()
    const source = (function* () {
      yield pattern(10)
      encoder.rotateKeys()
      yield pattern(10, 10)
    })()
    const decoder = decoderWith()
    const opened = await collect(decodeFrom(decoder, encodeFrom(encoder, source)))
    expect(concatBytes(opened)).toEqual(pattern(20))
    expect([encoder.getStatistics().epoch, decoder.getStatistics().epoch]).toEqual([1, 1])
  })

  test('bytes after the end are refused after everything before was given', async () => {
    const opened: Uint8Array[] = []
    const sealed = concatBytes([sealSegments(pattern(10), options), new Uint8Array(40)])
    const opening = (async () => {
      for await (const bytes of decodeFrom(decoderWith(), [sealed])) opened.push(bytes)
    })()
    await expect(opening).rejects.toThrow(coded('STT_AUTHENTICATION'))
    expect(opened).toEqual([pattern(10)])
  })
})

describe('transforms', () => {
  test('seal and open, in any portions', async () => {
    const bytes = pattern(300_000)
    const sealed = await collect(
      ReadableStream.from(portionsOf(bytes, [70_000])).pipeThrough(encoderTransform(encoderWith())),
    )
    const opened = await collect(
      ReadableStream.from(portionsOf(concatBytes(sealed), [1_000, 99_999])).pipeThrough(
        decoderTransform(decoderWith()),
      ),
    )
    expect(Buffer.compare(concatBytes(opened), bytes)).toBe(0)
  })

  test('keep backpressure: they seal only what is read', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>(
      {
        pull: controller => {
          pulled++
          controller.enqueue(pattern(1_000))
        },
      },
      { highWaterMark: 0 },
    )
    const encoder = encoderWith()
    const reader = endless.pipeThrough(encoderTransform(encoder)).getReader()
    await reader.read()
    await reader.read()
    await new Promise(resolve => setImmediate(resolve))
    expect(pulled).toBeLessThan(6)
    await reader.cancel()
  })

  test('error on a bad stream', async () => {
    const sealed = sealSegments(pattern(10), options)
    const cut = ReadableStream.from([sealed.subarray(0, -1)]).pipeThrough(decoderTransform(decoderWith()))
    await expect(collect(cut)).rejects.toThrow(coded('STT_TRUNCATED'))
  })
})

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return chunks
}

/** `bytes` in portions of these sizes, in turn, until they are used up. */
function* portionsOf(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array, void, undefined> {
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(i < sizes.length ? 0 : 1, sizes[i % sizes.length]!)
    yield bytes.slice(at, at + size)
    at += size
  }
}

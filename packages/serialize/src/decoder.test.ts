import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { unhex, type Vectors } from '../test/notation.ts'
import { outcomeOf, slices } from '../test/outcome.ts'
import { refusal } from '../test/refusal.ts'
import { Decoder, decode, decodeStream, type Encodable, encode } from './index.ts'

const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/serialize.json', import.meta.url), 'utf8'))
const join = (...values: Encodable[]): Uint8Array => new Uint8Array(Buffer.concat(values.map(value => encode(value))))

describe('values from chunks', () => {
  it('come out as soon as their last byte is in', () => {
    const decoder = new Decoder()
    const bytes = join({ a: 1 }, 'two')
    expect(decoder.push(bytes.subarray(0, 12))).toEqual([])
    expect(decoder.bufferedBytes).toBe(12)
    expect(decoder.push(bytes.subarray(12, 14))).toEqual([{ a: 1 }])
    expect(decoder.bufferedBytes).toBe(1)
    expect(decoder.push(bytes.subarray(14))).toEqual(['two'])
    expect(decoder.bufferedBytes).toBe(0)
    decoder.end()
  })

  it('are the same for every chunk size, with every vector among them', () => {
    // spec: STT-SER-22
    const good = vectors.accepted.filter(({ hex }) => hex.length < 2000).map(({ hex }) => hex)
    const bytes = unhex(good.join(''))
    for (const size of [1, 2, 3, 5, 7, 64, 1000, 1023, 1024, 1025, bytes.length]) {
      expect(outcomeOf(slices(bytes, size))).toEqual({ values: good })
    }
  })

  it('are refused at the same byte for every chunk size, after the values before', () => {
    // spec: STT-SER-22
    for (const { name, hex } of vectors.refused) {
      if (name === 'nothing' || name === 'two values' || name === 'a byte after a dict') continue
      const bytes = unhex(`102a${hex}`)
      const whole = outcomeOf([bytes])
      expect(whole, name).toMatchObject({ values: ['102a'], rule: expect.any(String), offset: expect.any(Number) })
      for (const size of [1, 2, 7]) expect(outcomeOf(slices(bytes, size)), name).toEqual(whole)
    }
  })

  it('may be larger than what is kept for the next one', () => {
    const values = [Uint8Array.from({ length: 100_000 }, (_, index) => index), 'x'.repeat(5000), 1, { small: null }]
    const bytes = join(...values, ...values)
    for (const copy of [false, true]) {
      for (const size of [999, 1024, 65_536]) {
        const decoder = new Decoder({ copy })
        const decoded = [...slices(bytes, size)].flatMap(chunk => decoder.push(chunk))
        expect(decoded.map(value => encode(value).length)).toEqual(
          [...values, ...values].map(value => encode(value).length),
        )
        expect(Buffer.from(decoded[4] as Uint8Array).equals(values[0] as Uint8Array)).toBe(true)
      }
    }
  })
})

describe('byte arrays from chunks', () => {
  const bytes = join([Uint8Array.of(1, 2, 3)], [Uint8Array.of(4, 5, 6)])

  it('keep what they hold when the next value comes, and with copy when the chunk is used again', () => {
    for (const copy of [false, true]) {
      const decoder = new Decoder({ copy })
      const values: unknown[] = []
      for (const slice of slices(bytes, 5)) {
        const chunk = slice.slice()
        values.push(...decoder.push(chunk))
        if (copy) chunk.fill(0xff)
      }
      expect(values).toEqual([[Uint8Array.of(1, 2, 3)], [Uint8Array.of(4, 5, 6)]])
    }
  })
})

describe('errors', () => {
  it('come after the values before them and count from the first byte', () => {
    const decoder = new Decoder()
    const bytes = new Uint8Array([...join(1, [2]), 0x40, 0, 0, 0, 1, 0x99])
    expect(decoder.push(bytes)).toEqual([1, [2]])
    const expected = { code: 'STT_DECODE', rule: 'tag', offset: 2 + 7 + 5 }
    expect(refusal(() => decoder.push(encode(3)))).toEqual(expected)
    expect(refusal(() => decoder.end())).toEqual(expected)
    expect(decoder.bufferedBytes).toBe(0)
  })

  it('say where an unfinished value breaks off, as decode does', () => {
    const cut = encode({ a: [1, 'text'] }).subarray(0, 20)
    const decoder = new Decoder()
    decoder.push(encode(1))
    decoder.push(cut)
    const { offset, rule } = refusal(() => decode(cut))
    expect(refusal(() => decoder.end())).toEqual({ code: 'STT_DECODE', rule, offset: (offset as number) + 2 })
  })

  it('forbid bytes after the end', () => {
    const decoder = new Decoder()
    decoder.end()
    expect(refusal(() => decoder.push(encode(1))).code).toBe('STT_INVALID_STATE')
    expect(refusal(() => new Decoder().push('text' as never)).code).toBe('STT_INVALID_ARGUMENT')
    expect(refusal(() => new Decoder({ limits: { bytes: -1 } })).code).toBe('STT_INVALID_ARGUMENT')
  })
})

describe('limits', () => {
  it('bound each value, and nothing is waited for that would pass them', () => {
    // spec: STT-SER-23
    const limits = { bytes: 10, depth: 2 }
    const push = (text: string): unknown => new Decoder({ limits }).push(unhex(text))
    expect(push(`${'3100000005'}6162636465`)).toEqual(['abcde'])
    expect(refusal(() => push('3100000006'))).toEqual({ code: 'STT_DECODE', rule: 'limit-bytes', offset: 0 })
    expect(refusal(() => push('4000000006'))).toMatchObject({ rule: 'limit-bytes' })
    expect(refusal(() => push('4100000001'))).toMatchObject({ rule: 'limit-bytes' })
    expect(refusal(() => push('4000000002' + '21'))).toMatchObject({ rule: 'limit-bytes', offset: 5 })
    // spec: STT-SER-20
    const deep = new Decoder({ limits: { depth: 1 } })
    expect(refusal(() => deep.push(unhex('40000000014000000001')))).toMatchObject({ rule: 'limit-depth', offset: 5 })
  })

  it('hold for each value and not for all of them', () => {
    const decoder = new Decoder({ limits: { bytes: 2, memory: 0 } })
    for (let round = 0; round < 1000; round++) expect(decoder.push(encode(round % 100))).toEqual([round % 100])
  })
})

describe('decodeStream', () => {
  it('gives the values of an async source', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield* slices(join(1, 'two', [3]), 4)
    }
    const values: unknown[] = []
    for await (const value of decodeStream(source())) values.push(value)
    expect(values).toEqual([1, 'two', [3]])
  })

  it('gives the values before a fault, then throws', async () => {
    const values: unknown[] = []
    const run = async (chunks: Uint8Array[]): Promise<void> => {
      for await (const value of decodeStream(chunks)) values.push(value)
    }
    await expect(run([unhex('102a99')])).rejects.toMatchObject({
      code: 'STT_DECODE',
      details: { rule: 'tag', offset: 2 },
    })
    await expect(run([unhex('102a31')])).rejects.toMatchObject({ details: { rule: 'truncated', offset: 2 } })
    expect(values).toEqual([42, 42])
  })
})

import vm from 'node:vm'
import { describe, expect, it } from 'vitest'
import { hex, unhex } from '../test/notation.ts'
import { refusal } from '../test/refusal.ts'
import {
  type DecodeLimits,
  Decoder,
  decode,
  decodeStream,
  encode,
  encodeInto,
  float64,
  int16,
  type Value,
} from './index.ts'

describe('dicts', () => {
  it('keep __proto__ and its like as own properties', () => {
    // spec: STT-SER-13
    const bytes = encode(JSON.parse('{"__proto__": {"admin": true}, "constructor": 1, "toString": 2}'))
    const value = decode(bytes) as Record<string, Value>
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(value['admin']).toBeUndefined()
    expect(encode(value)).toEqual(bytes)
  })

  it('are checked for order and duplicates no matter how often their keys were met', () => {
    // spec: STT-SER-11
    const key = (text: string): string => hex(encode(text))
    // Enough of them to fall on each place in the table of remembered keys.
    const names = Array.from({ length: 3000 }, (_, index) => index.toString(36).padStart(3, '0'))
    for (const [index, name] of names.entries()) {
      const next = names[index + 1] ?? 'zzz'
      const ascending = unhex(`4100000002${key(name)}00${key(next)}00`)
      // The name is known by now as the last of a dict, and nothing is yet known to follow it.
      expect(refusal(() => decode(unhex(`4100000002${key(name)}00${key(name)}00`))).rule).toBe('key-duplicate')
      for (let time = 0; time < 3; time++) expect(Object.keys(decode(ascending) as object)).toHaveLength(2)
      expect(refusal(() => decode(unhex(`4100000002${key(next)}00${key(name)}00`))).rule).toBe('key-order')
    }
  })

  it('do not remember bytes that the caller changes later', () => {
    const buffer = Buffer.from(encode({ alpha: 1, beta: 2 }))
    for (let time = 0; time < 3; time++) decode(buffer)
    buffer.write('gamma', 10)
    buffer.write('zeta', 22)
    expect(decode(buffer)).toEqual({ gamma: 1, zeta: 2 })
    expect(decode(encode({ alpha: 1, beta: 2 }))).toEqual({ alpha: 1, beta: 2 })
  })
})

describe('strings', () => {
  // spec: STT-SER-9
  it.each([
    '',
    'a',
    'abc',
    '\ufeffbom',
    'ä',
    `${'x'.repeat(12)}ü`,
    'x'.repeat(16),
    '😀'.repeat(4),
    'x'.repeat(41),
    'é'.repeat(5000),
    'z'.repeat(70_000),
  ])('of any length and width come back: %.20s', text => {
    expect(decode(encode([text, { [text]: text }]))).toEqual([text, { [text]: text }])
  })
})

describe('byte arrays', () => {
  const bytes = encode([Uint8Array.of(1, 2, 3)])

  it('are views of the input', () => {
    const input = Buffer.from(bytes)
    const [view] = decode(input) as [Uint8Array]
    input[input.length - 1] = 9
    expect(view).toEqual(Uint8Array.of(1, 2, 9))
    expect(view.buffer).toBe(input.buffer)
    expect(Object.getPrototypeOf(view)).toBe(Uint8Array.prototype)
  })

  it('are copies by option', () => {
    const input = Buffer.from(bytes)
    const [copy] = decode(input, { copy: true }) as [Uint8Array]
    input.fill(9)
    expect(copy).toEqual(Uint8Array.of(1, 2, 3))
    expect(copy.buffer.byteLength).toBe(3)
    expect(Object.getPrototypeOf(copy)).toBe(Uint8Array.prototype)
  })

  it('are found in an input that is a part of a larger buffer', () => {
    const large = new Uint8Array(bytes.length + 20).fill(0xee)
    large.set(bytes, 7)
    expect(decode(large.subarray(7, 7 + bytes.length))).toEqual([Uint8Array.of(1, 2, 3)])
  })
})

describe('modes', () => {
  it('differ in numbers that plain encoding would write in another form', () => {
    const bytes = encode([int16(1), float64(2), 3])
    // spec: STT-SER-14, STT-SER-15, STT-SER-16
    expect(decode(bytes)).toEqual([1, 2, 3])
    expect(decode(bytes, { typed: true })).toEqual([int16(1), float64(2), 3])
    expect(refusal(() => decode(bytes, { canonical: true }))).toEqual({
      code: 'STT_DECODE',
      rule: 'canonical',
      offset: 5,
    })
    expect(refusal(() => decode(bytes, { canonical: true, typed: true })).rule).toBe('canonical')
  })
})

describe('what is not a value', () => {
  it('names the offset and the rule', () => {
    const error = (): unknown => decode(unhex('40000000020099'))
    expect(error).toThrow('cannot decode at offset 6: no type has this tag')
    expect(refusal(error)).toEqual({ code: 'STT_DECODE', offset: 6, rule: 'tag' })
    // spec: STT-SER-17, STT-SER-19
    expect(refusal(() => decode(unhex('')))).toEqual({ code: 'STT_DECODE', offset: 0, rule: 'truncated' })
    expect(refusal(() => decode(unhex('0000')))).toEqual({ code: 'STT_DECODE', offset: 1, rule: 'trailing' })
  })

  it('is taken from any view and buffer, of whichever realm', () => {
    const bytes = encode([1, 'a'])
    const { buffer } = bytes.slice()
    const foreign = vm.runInNewContext(`Uint8Array.of(${bytes})`) as Uint8Array
    for (const same of [buffer, new DataView(buffer), foreign] as Uint8Array[]) {
      expect(decode(same)).toEqual([1, 'a'])
      expect(new Decoder().push(same)).toEqual([[1, 'a']])
    }
    const target = new ArrayBuffer(bytes.length)
    expect(encodeInto([1, 'a'], target as unknown as Uint8Array)).toBe(bytes.length)
    expect(new Uint8Array(target)).toEqual(bytes)
  })

  it('options that are not known, or of another type, are refused', async () => {
    const bytes = encode(1)
    const bad = { code: 'STT_INVALID_ARGUMENT' }
    for (const options of [
      { type: true },
      { typed: 'yes' },
      { limits: { deep: 3 } },
      { limits: 7 },
      7,
      null,
    ] as never[]) {
      expect(refusal(() => decode(bytes, options))).toMatchObject(bad)
      expect(refusal(() => new Decoder(options))).toMatchObject(bad)
      await expect(decodeStream([bytes], options).next()).rejects.toMatchObject(bad)
    }
    for (const source of [undefined, 'text', bytes, 7, {}] as never[]) {
      await expect(decodeStream(source).next()).rejects.toMatchObject(bad)
    }
  })

  it.each([null, 'text', [0], 7, new Blob(['x']), new Proxy(new Uint8Array(1), {})])(
    'is refused as an argument when it is not even bytes',
    input => {
      expect(refusal(() => decode(input as never)).code).toBe('STT_INVALID_ARGUMENT')
    },
  )
})

describe('limits', () => {
  const limited = (value: Parameters<typeof encode>[0], limits: DecodeLimits): unknown =>
    refusal(() => decode(encode(value), { limits }))

  it('count nested containers', () => {
    // spec: STT-SER-20
    expect(decode(encode([[1]]), { limits: { depth: 2 } })).toEqual([[1]])
    expect(limited([{ a: [1] }], { depth: 2 })).toEqual({ code: 'STT_DECODE', rule: 'limit-depth', offset: 16 })
    expect(limited([], { depth: 0 })).toMatchObject({ rule: 'limit-depth' })
    expect(decode(encode(1), { limits: { depth: 0 } })).toBe(1)
  })

  it('count encoded bytes', () => {
    expect(decode(encode('abc'), { limits: { bytes: 8 } })).toBe('abc')
    expect(limited('abcd', { bytes: 8 })).toEqual({ code: 'STT_DECODE', rule: 'limit-bytes', offset: 0 })
  })

  it('count memory for whatever is made', () => {
    // spec: STT-SER-21
    const kinds = [[], {}, { a: null }, 'text', Uint8Array.of(1), 2n ** 60n, 2 ** 40, 0.5, [null]]
    for (const value of kinds) expect(limited(value, { memory: 0 })).toMatchObject({ rule: 'limit-memory', offset: 0 })
    expect(refusal(() => decode(unhex('1401'), { typed: true, limits: { memory: 0 } })).rule).toBe('limit-memory')
    for (const value of [null, true, 1, -70_000]) expect(decode(encode(value), { limits: { memory: 0 } })).toBe(value)
    const list = new Array(100).fill(null)
    expect(decode(encode(list), { limits: { memory: 856 } })).toEqual(list)
    expect(limited(list, { memory: 855 })).toMatchObject({ rule: 'limit-memory' })
    expect(limited([1, [2, list]], { memory: 800 })).toMatchObject({ offset: 14 })
  })

  it.each<[DecodeLimits, string]>([
    [{ depth: 65 }, 'limits.depth'],
    [{ depth: -1 }, 'limits.depth'],
    [{ depth: 1.5 }, 'limits.depth'],
    [{ bytes: Number.NaN }, 'limits.bytes'],
    [{ memory: -1 }, 'limits.memory'],
    [{ memory: '5' as never }, 'limits.memory'],
  ])('must make sense: %o', (limits, argument) => {
    expect(refusal(() => decode(encode(1), { limits }))).toEqual({ code: 'STT_INVALID_ARGUMENT', argument })
  })
})

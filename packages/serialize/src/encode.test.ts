import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { hex } from '../test/notation.ts'
import { refusal } from '../test/refusal.ts'
import { decode, type Encodable, encode, encodedSize, encodeInto, int16 } from './index.ts'

describe('golden bytes', () => {
  it.each<[Encodable, string]>([
    [42, '102a'],
    [128, '110080'],
    [3.14, '2140091eb851eb851f'],
    [Number.NaN, '217ff8000000000000'],
    [{ b: 1, a: false }, '4100000002310000000161013100000001621001'],
  ])('%o', (value, bytes) => {
    expect(hex(encode(value))).toBe(bytes)
  })
})

describe('numbers', () => {
  it('writes -0 and a bigint in the safe range as the integers that they are', () => {
    // spec: STT-SER-5, STT-SER-6
    expect(encode(-0)).toEqual(encode(0))
    expect(encode(-129n)).toEqual(encode(-129))
    expect(encode(BigInt(Number.MAX_SAFE_INTEGER))).toEqual(encode(Number.MAX_SAFE_INTEGER))
  })

  it('writes every NaN in its one form', () => {
    // spec: STT-SER-8
    const odd = new DataView(Uint8Array.of(0xff, 0xf8, 0, 0, 0, 0, 0, 1).buffer).getFloat64(0)
    expect(odd).toBeNaN()
    expect(encode(odd)).toEqual(encode(Number.NaN))
  })
})

describe('dict keys', () => {
  const keysOf = (value: Encodable): string[] => {
    const bytes = encode(value)
    const keys: string[] = []
    // Every value is null: a key every 6 bytes and its own length.
    for (let at = 5; at < bytes.length; ) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at + 1).getUint32(0)
      keys.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at + 5, at + 5 + length)))
      at += 6 + length
    }
    return keys
  }
  const dictOf = (keys: readonly string[]): Record<string, null> => Object.fromEntries(keys.map(key => [key, null]))

  it('stand in UTF-8 order, for dicts of any size, each time they are written', () => {
    // spec: STT-SER-12
    const few = ['z', 'ä', '\u{10000}', '\uffff', '', 'aa', 'a', '10', '9']
    const many = Array.from({ length: 200 }, (_, index) => `key ${(index * 7919) % 200}`)
    const inUtf8Order = (keys: string[]): string[] =>
      [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    for (const keys of [few, many]) {
      for (let time = 0; time < 3; time++) {
        expect(keysOf(dictOf(keys))).toEqual(inUtf8Order(keys))
        expect(keysOf(dictOf(keys.toReversed()))).toEqual(inUtf8Order(keys))
      }
    }
  })

  it('are the own enumerable string keys, __proto__ among them', () => {
    // spec: STT-SER-13
    const dict = JSON.parse('{"__proto__": null, "a": null}')
    Object.defineProperty(dict, 'hidden', { value: 1, enumerable: false })
    dict[Symbol('symbol')] = 1
    expect(keysOf(dict)).toEqual(['__proto__', 'a'])
    expect(keysOf(Object.assign(Object.create(null), { b: null }))).toEqual(['b'])
  })

  it('are never inherited', () => {
    Object.defineProperty(Object.prototype, 'inherited', { value: 1, enumerable: true, configurable: true })
    const bytes = encode({ a: null })
    delete (Object.prototype as { inherited?: number }).inherited
    expect(keysOf({ a: null })).toEqual(['a'])
    expect(bytes).toEqual(encode({ a: null }))
  })
})

describe('refusals name path and rule', () => {
  class Point {
    x = 1
  }
  class Names extends Array<string> {}
  const cycle: { list: unknown[] } = { list: [0] }
  cycle.list.push({ again: cycle })
  const cases: [path: string, rule: string, value: unknown][] = [
    ['$', 'undefined', undefined],
    ['$.a[3].b', 'undefined', { a: [0, 1, 2, { b: undefined }] }],
    ['$["two words"][0]', 'symbol', { 'two words': [Symbol('s')] }],
    ['$.run', 'function', { run: () => 0 }],
    ['$[0]', 'class-instance', [new Point()]],
    ['$', 'class-instance', new Date(0)],
    ['$', 'class-instance', new Map()],
    ['$', 'class-instance', Object.create({ inherited: 1 })],
    ['$', 'class-instance', Names.from(['a'])],
    ['$', 'class-instance', new Uint16Array(1)],
    ['$', 'class-instance', new ArrayBuffer(1)],
    ['$', 'class-instance', new Proxy(new Uint8Array(1), {})],
    ['$', 'class-instance', Object(1)],
    // biome-ignore lint/suspicious/noSparseArray: that is what is refused
    ['$.a[1]', 'sparse-array', { a: [1, , 3] }],
    ['$.list[1].again', 'cycle', cycle],
    ['$.a', 'surrogate', { a: '\ud800' }],
    ['$["\\udc00"]', 'surrogate', { '\udc00': 1 }],
    ['$[0]', 'surrogate', [`${'x'.repeat(100)}\ud800`]],
    ['$[0]', 'surrogate', [`${'x'.repeat(50_000)}\ud800`]],
    ['$.big[0]', 'integer-range', { big: [2n ** 64n] }],
    ['$', 'integer-range', -(2n ** 63n) - 1n],
    [`$["${'k'.repeat(64)}…"]`, 'undefined', { ['k'.repeat(100)]: undefined }],
  ]
  it.each(cases)('%s: %s', (path, rule, value) => {
    expect(refusal(() => encode(value as Encodable))).toEqual({ code: 'STT_ENCODE', path, rule })
    expect(() => encode(value as Encodable)).toThrow(`cannot encode ${path}: `)
    expect(refusal(() => encodedSize(value as Encodable))).toEqual({ code: 'STT_ENCODE', path, rule })
  })

  it('goes on with the next value as if nothing had been', () => {
    expect(() => encode({ a: 1, b: [undefined as never] })).toThrow()
    expect(hex(encode({ a: 1 }))).toBe('41000000013100000001611001')
  })

  it('allows the same object twice and refuses nesting beyond 64', () => {
    // spec: STT-SER-20
    const shared = { a: 1 }
    expect(decode(encode([shared, shared]))).toEqual([shared, shared])
    let nested: Encodable = null
    for (let depth = 0; depth < 64; depth++) nested = depth % 2 ? [nested] : { a: nested }
    expect(decode(encode(nested))).toEqual(nested)
    expect(refusal(() => encode([nested]))).toMatchObject({ rule: 'depth' })
  })
})

describe('objects of another realm', () => {
  it('are as good as those of this one', () => {
    const value = runInNewContext('({ list: [1, { a: null }], bytes: new Uint8Array([1, 2]) })')
    expect(encode(value)).toEqual(encode({ list: [1, { a: null }], bytes: Uint8Array.of(1, 2) }))
  })
})

describe('memory', () => {
  it('gives results that stay as they are', () => {
    const values = Array.from({ length: 2000 }, (_, index) => ({
      index,
      text: 'x'.repeat(index % 90),
      more: [index, null],
    }))
    const results = values.map(value => encode(value))
    expect(results.map(bytes => decode(bytes))).toEqual(values)
  })

  it('copies byte arrays, and counts them, whatever their size', () => {
    for (const length of [0, 1, 4095, 4096, 5000, 20_000]) {
      const data = Uint8Array.from({ length }, (_, index) => index)
      const value = [{ before: 1, data, later: [data.slice(), 'end'] }, 7]
      const bytes = encode(value)
      expect(encodedSize(value)).toBe(bytes.length)
      const buffer = new Uint8Array(bytes.length + 10)
      expect(encodeInto(value, buffer, 10)).toBe(buffer.length)
      expect(hex(buffer.subarray(10))).toBe(hex(bytes))
      const before = hex(data)
      data.fill(0xff)
      const [{ data: decoded }] = decode(bytes) as [{ data: Uint8Array }]
      expect(hex(decoded)).toBe(before)
    }
  })

  it('keeps byte arrays in their place when it needs more room after them', () => {
    const data = Uint8Array.from({ length: 5000 }, (_, index) => index)
    for (const count of [2000, 4000, 8000, 16_000]) {
      encode('so that the next one does not begin where the memory does')
      const [first, ...texts] = decode(encode([data, ...new Array<string>(count).fill('text')])) as [
        Uint8Array,
        ...string[],
      ]
      expect(hex(first)).toBe(hex(data))
      expect(texts.every(text => text === 'text')).toBe(true)
    }
  })

  it('never changes what it encodes', () => {
    const freeze = (value: unknown): unknown => {
      if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
        Object.freeze(value)
        Object.values(value).forEach(freeze)
      }
      return value
    }
    const make = (): Encodable => ({ b: [3, 1, 2], a: { d: 1, c: Uint8Array.of(1) }, t: int16(1) })
    const value = freeze(make()) as Encodable
    encode(value)
    expect(value).toEqual(make())
    expect(Object.keys(value as object)).toEqual(['b', 'a', 't'])
  })

  it('leaves the buffer alone when the value does not fit or is refused', () => {
    const buffer = new Uint8Array(8).fill(7)
    expect(refusal(() => encodeInto('12345', buffer))).toMatchObject({
      code: 'STT_INVALID_ARGUMENT',
      needed: 10,
      available: 8,
    })
    expect(refusal(() => encodeInto(1, buffer, 7))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(refusal(() => encodeInto(1, buffer, -1))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(refusal(() => encodeInto(1, buffer, 0.5))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(refusal(() => encodeInto(1, [] as never))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(refusal(() => encodeInto([1, undefined as never], buffer))).toMatchObject({ code: 'STT_ENCODE' })
    expect(buffer).toEqual(new Uint8Array(8).fill(7))
    expect(encodeInto(1, buffer, 6)).toBe(8)
  })
})

describe('getters', () => {
  it('may encode on their own', () => {
    const value = {
      a: 1,
      get inner(): Uint8Array {
        return encode({ nested: [1, 2, 3] })
      },
      z: 2,
    }
    expect(decode(encode(value))).toEqual({ a: 1, inner: encode({ nested: [1, 2, 3] }), z: 2 })
  })

  it('may throw what they like', () => {
    const value = {
      get a(): never {
        throw new RangeError('mine')
      },
    }
    expect(() => encode([value])).toThrow(new RangeError('mine'))
    expect(hex(encode([1]))).toBe('40000000011001')
  })

  it('cannot make a list longer or shorter than its count', () => {
    const list: Encodable[] = []
    list.push(
      {
        get grow(): number {
          return list.push(1, 2, 3)
        },
      },
      5,
    )
    expect(decode(encode(list))).toEqual([{ grow: 5 }, 5])
    const shrinking: Encodable[] = []
    shrinking.push(
      {
        get shrink(): number {
          return (shrinking.length = 1)
        },
      },
      5,
    )
    expect(refusal(() => encode(shrinking))).toMatchObject({ rule: 'sparse-array', path: '$[1]' })
  })

  it('cannot take the bytes away that were counted', () => {
    const data = new Uint8Array(10_000)
    const value = [
      data,
      {
        get later(): null {
          structuredClone(data, { transfer: [data.buffer] })
          return null
        },
      },
    ]
    expect(refusal(() => encode(value))).toMatchObject({ code: 'STT_ENCODE', rule: 'length' })
  })
})

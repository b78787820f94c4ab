import fc from 'fast-check'
import {
  type Encodable,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  type TypedNumber,
  uint8,
  uint16,
  uint32,
  uint64,
} from '../src/index.ts'

/** Strings of all widths, short and long, with no lone surrogate. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 60 }).filter(value => !/\p{Surrogate}/u.test(value)),
  fc.constantFrom('', '\ufeff', '__proto__', 'constructor', '10', '9', 'id', 'name'),
)

const integer = (bits: number, signed: boolean): fc.Arbitrary<bigint> =>
  signed
    ? fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n })
    : fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })

export const typedNumber: fc.Arbitrary<TypedNumber> = fc.oneof(
  integer(8, true).map(int8),
  integer(16, true).map(int16),
  integer(32, true).map(int32),
  integer(64, true).map(int64),
  integer(8, false).map(uint8),
  integer(16, false).map(uint16),
  integer(32, false).map(uint32),
  integer(64, false).map(uint64),
  fc.float().map(float32),
  fc.double().map(float64),
)

const plainNumber: fc.Arbitrary<number | bigint> = fc.oneof(
  fc.integer(),
  fc.integer({ min: -200, max: 70_000 }),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
)

const bytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 40 })

const tree = (number: fc.Arbitrary<Encodable>): fc.Arbitrary<Encodable> =>
  fc.letrec<{ value: Encodable }>(tie => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom(null, false, true),
      number,
      text,
      bytes,
      fc.array(number, { maxLength: 12 }),
      fc.array(tie('value'), { maxLength: 8 }),
      fc.dictionary(text, tie('value'), { maxKeys: 8 }),
    ),
  })).value

/** Values as `decode` gives them, and bigints in the safe range beside. */
export const plainValue: fc.Arbitrary<Encodable> = tree(plainNumber)
/** Values with wrappers in any place. */
export const typedValue: fc.Arbitrary<Encodable> = tree(fc.oneof(plainNumber, typedNumber))

/** `bytes` cut into pieces, empty ones among them. */
export const chunksOf = (input: Uint8Array): fc.Arbitrary<Uint8Array[]> =>
  fc.array(fc.nat(input.length), { maxLength: 20 }).map(cuts => {
    const edges = [0, ...cuts.toSorted((a, b) => a - b), input.length]
    return edges.slice(1).map((end, index) => input.slice(edges[index], end))
  })

import { sealChunks } from '@stt/crypto'
import { type Encodable, encode } from '@stt/serialize'
import { sealSegments } from '@stt/stream/segments'
import { type Answers, counting, inTurn, SEED, utf8 } from './inputs.ts'

/** Plain encoding. */
export function values(): Answers {
  const all: readonly (readonly [name: string, value: Encodable])[] = [
    ['null', null],
    ['42', 42],
    ['128', 128],
    ['-129', -129],
    ['2^53 - 1', 2 ** 53 - 1],
    ['2^53 in a float', 2 ** 53],
    ['3.14', 3.14],
    ['NaN', Number.NaN],
    ['bytes 00 ff', Uint8Array.of(0x00, 0xff)],
    ['"é"', 'é'],
    ['list true, 1', [true, 1]],
    ['dict b: 1, a: false', { b: 1, a: false }],
  ]
  return { section: '8', values: all.map(([name, value]) => [name, encode(value)]) }
}

/** Sealed chunks and segments. */
export function sealed(): Answers {
  const salt = counting(0x80, 24)
  const options = () => ({ key: SEED, context: utf8('context'), entropy: inTurn(salt) })
  return {
    section: '9',
    values: [
      ['both', 'input key 00…1f, salt 80…97, context or stream context "context"'],
      ['sealed chunks', '"stt"', sealChunks(utf8('stt'), options())],
      ['segments', '"stt" in one segment, and an empty one with flag 1', sealSegments(utf8('stt'), options())],
    ],
  }
}

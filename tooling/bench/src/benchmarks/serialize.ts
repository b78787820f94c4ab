import { decode, encode } from '@stt/serialize'
import * as cbor from 'cbor-x'
import * as msgpackr from 'msgpackr'
import type { Benchmark, Contestant, Row } from '../benchmark.ts'
import { micro } from '../micro.ts'

interface Codec {
  readonly name: string
  encode(value: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

/** All of them from a value to bytes and back; JSON carries byte arrays as base64. */
const codecs: readonly Codec[] = [
  { name: 'stt', encode: value => encode(value as never), decode: bytes => decode(bytes) },
  { name: 'msgpackr', encode: value => msgpackr.encode(value), decode: bytes => msgpackr.decode(bytes) },
  { name: 'cbor-x', encode: value => cbor.encode(value), decode: bytes => cbor.decode(bytes) },
  {
    name: 'JSON',
    encode: value => Buffer.from(JSON.stringify(value, hasBytes(value) ? bytesToBase64 : undefined)),
    decode: bytes => {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
      return JSON.parse(text, text.includes('base64:') ? base64ToBytes : undefined)
    },
  },
]

const values: Readonly<Record<string, unknown>> = {
  'small object': { id: 12345, name: 'node-7f3a', ok: true, ratio: 0.125, tags: ['udp', 'relay'], port: 4433 },
  '50-entry map': Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => [`key-${index}`, { index, label: `value ${index}` }]),
  ),
  '1,000 integers': Array.from({ length: 1000 }, (_, index) => (index * 7919) % 100_003),
  '64 KiB of bytes': {
    name: 'chunk',
    offset: 65_536,
    data: Uint8Array.from({ length: 65_536 }, (_, index) => index * 31),
  },
}

const operations: Readonly<Record<string, (codec: Codec, value: unknown) => () => unknown>> = {
  encode: (codec, value) => () => codec.encode(value),
  decode: (codec, value) => {
    const bytes = codec.encode(value)
    return () => codec.decode(bytes)
  },
  'encode + decode': (codec, value) => () => codec.decode(codec.encode(value)),
}

export function benchmarks(): readonly Benchmark[] {
  const rows = (operation: string): readonly Row[] =>
    Object.entries(values).map(([name, value]) => ({
      name,
      contestants: codecs.map((codec): Contestant => micro(codec.name, operations[operation]!(codec, value))),
    }))
  return Object.keys(operations).map(operation => ({
    title: operation,
    unit: 'thousand/s',
    better: 'higher',
    reference: 'msgpackr',
    rows: rows(operation),
    notes: [sizes(), `native string extraction: msgpackr ${msgpackr.isNativeAccelerationEnabled ? 'on' : 'off'}`],
  }))
}

/** How many bytes each codec makes of each value. */
const sizes = (): string =>
  Object.entries(values)
    .map(
      ([name, value]) =>
        `${name}: ${codecs.map(codec => `${codec.name} ${codec.encode(value).length}`).join(', ')} bytes`,
    )
    .join('\n')

const hasBytes = (value: unknown): boolean => Object.values(value as object).some(item => item instanceof Uint8Array)

const bytesToBase64 = (_key: string, value: unknown): unknown =>
  value instanceof Uint8Array
    ? `base64:${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}`
    : value

const base64ToBytes = (_key: string, value: unknown): unknown =>
  typeof value === 'string' && value.startsWith('base64:') ? Buffer.from(value.slice(7), 'base64') : value

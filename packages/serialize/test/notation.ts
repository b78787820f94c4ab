import {
  float32,
  float64,
  type IntegerType,
  int8,
  int16,
  int32,
  int64,
  type NumberType,
  type TypedValue,
  uint8,
  uint16,
  uint32,
  uint64,
} from '../src/index.ts'

/** How values are written in `vectors/serialize.json`, which says what each form means. */
export type Notation =
  | null
  | boolean
  | string
  | readonly Notation[]
  | { readonly dict: readonly (readonly [string, Notation])[] }
  | { readonly [type in 'bytes' | 'int' | 'utf16' | NumberType]?: string }

export interface Vectors {
  readonly accepted: readonly {
    readonly name: string
    readonly hex: string
    readonly value: Notation
    readonly canonical: boolean
  }[]
  readonly refused: readonly {
    readonly name: string
    readonly hex: string
    readonly rule: string
    readonly offset: number
  }[]
  readonly unencodable: readonly { readonly name: string; readonly value: Notation; readonly rule: string }[]
}

/** The value with each number as a wrapper of its type. */
export function fromNotation(notation: Notation): TypedValue {
  if (notation === null || typeof notation === 'boolean' || typeof notation === 'string') return notation
  if (Array.isArray(notation)) return notation.map(fromNotation)
  const [[type, content]] = Object.entries(notation) as [[string, never]]
  if (type === 'dict') {
    const dict: Record<string, TypedValue> = {}
    for (const [key, value] of content as readonly (readonly [string, Notation])[]) {
      Object.defineProperty(dict, key, {
        value: fromNotation(value),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
    return dict
  }
  if (type === 'bytes') return unhex(content)
  if (type === 'int') return BigInt(content)
  if (type === 'utf16')
    return String.fromCharCode(...(content as string).match(/.{4}/g)!.map(unit => Number.parseInt(unit, 16)))
  if (type === 'float32') return float32(floatView(content).getFloat32(0))
  if (type === 'float64') return float64(floatView(content).getFloat64(0))
  return integers[type as IntegerType](BigInt(content))
}

export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

const floatView = (bits: string): DataView => new DataView(unhex(bits).buffer)
const integers: Readonly<Record<IntegerType, (value: bigint) => TypedValue>> = {
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
}

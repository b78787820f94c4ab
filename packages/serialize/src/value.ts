import type { TypedNumber } from './typed.ts'

/** A decoded value: safe integers and floats are numbers, other integers bigints, dicts plain objects. */
export type Value = null | boolean | number | bigint | string | Uint8Array | Value[] | { [key: string]: Value }

/** A value decoded with `{ typed: true }`: numbers that plain `encode` would write in another form are wrapped. */
export type TypedValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TypedNumber
  | TypedValue[]
  | { [key: string]: TypedValue }

/** A value that can be encoded, as every decoded value can. Encoding does not change it. */
export type Encodable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TypedNumber
  | readonly Encodable[]
  | { readonly [key: string]: Encodable }

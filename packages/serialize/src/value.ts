import type { TypedNumber } from './typed.ts'

/** What `decode` gives: safe integers and floats as numbers, other integers as bigints, dicts as plain objects. */
export type Value = null | boolean | number | bigint | string | Uint8Array | Value[] | { [key: string]: Value }

/** What `decode` with `{ typed: true }` gives: a `Value` with wrappers where plain `encode` would write other bytes. */
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

/** What `encode` takes. Everything that decodes is encodable; nothing encodable is ever changed. */
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

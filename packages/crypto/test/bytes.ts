import { expect } from 'vitest'

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))
export const text = (string: string): Uint8Array => new TextEncoder().encode(string)

/** `length` bytes that look random and are always the same: the pattern of the known answers. */
export const pattern = (start: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (start + 7 * i) % 256)

/** Matches an `SttError` with this code. */
export const errorCode = (code: string): unknown => expect.objectContaining({ name: 'SttError', code })

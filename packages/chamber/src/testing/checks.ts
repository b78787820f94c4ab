import { concatBytes } from '@stt/crypto'
import { isSttError, type SttErrorCode } from '@stt/errors'
import type { ChamberStore } from '../store/chamber-store.ts'

export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the store breaks a rule: ${what}`)
}

export function checkBytes(found: Uint8Array | undefined, expected: Uint8Array): void {
  if (!found) throw new Error('the store breaks a rule: an object is missing')
  check(found.length === expected.length, `an object has ${found.length} bytes, not ${expected.length}`)
  const differs = found.findIndex((byte, i) => byte !== expected[i])
  check(differs < 0, `byte ${differs} of an object is ${found[differs]}, not ${expected[differs]}`)
}

export async function checkRejects(use: () => Promise<unknown>, what: string, code?: SttErrorCode): Promise<void> {
  try {
    await use()
  } catch (error) {
    check(code === undefined || isSttError(error, code), `${what} is refused with another error than ${code}: ${error}`)
    return
  }
  throw new Error(`the store breaks a rule: ${what} is not refused`)
}

export async function drain(
  source: AsyncIterable<Uint8Array> | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!source) return undefined
  const parts: Uint8Array[] = []
  for await (const part of source) parts.push(part)
  return concatBytes(parts)
}

export async function names(store: ChamberStore, prefix: string): Promise<string[]> {
  const found: string[] = []
  for await (const name of store.list(prefix)) found.push(name)
  return found.sort()
}

/** Bytes that differ by their position. */
export function numbered(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >>> 8)) & 255)
}

export async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

export async function* failing(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
  throw new Error('this source fails on purpose')
}

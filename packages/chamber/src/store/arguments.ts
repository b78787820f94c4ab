import { checkInteger, checkOptions, describe } from '@stt/errors'
import { invalid } from '../failures.ts'
import type { PutOptions, StoreRange } from './chamber-store.ts'

/*
 * Checks of the arguments of this package's stores, which are public.
 */

/** @throws STT_INVALID_ARGUMENT */
export function checkRange(range: StoreRange | undefined): { start: number; end: number } {
  checkOptions(range, 'get', ['start', 'end'])
  const { start, end } = range ?? { start: 0, end: Number.MAX_SAFE_INTEGER }
  checkInteger(start, 'start', 0, Number.MAX_SAFE_INTEGER)
  checkInteger(end, 'end', start, Number.MAX_SAFE_INTEGER)
  return { start, end }
}

/** @throws STT_INVALID_ARGUMENT */
export function checkSource(source: AsyncIterable<Uint8Array>): void {
  if (typeof source?.[Symbol.asyncIterator] === 'function') return
  throw invalid(`an object is written from an async iterable of bytes, not ${describe(source)}`)
}

/** @throws STT_INVALID_ARGUMENT */
export function checkPutOptions(options: PutOptions): PutOptions {
  checkOptions(options ?? null, 'putIfAbsent', ['durable', 'urgent'])
  const { durable, urgent = false } = options
  if (typeof durable === 'boolean' && typeof urgent === 'boolean') return options
  throw invalid(`durable and urgent are true or false, not ${describe(durable)} and ${describe(urgent)}`)
}

/** @throws STT_INVALID_ARGUMENT */
export function checkText(text: string, what: string): void {
  if (typeof text !== 'string') throw invalid(`${what} is a text, not ${describe(text)}`)
}

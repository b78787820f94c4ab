import { checkOptions, checkSignal, describe, SttError } from '@stt/errors'

/** @throws SttError `STT_INVALID_ARGUMENT` unless a value has all of these methods */
export function checkMethods(value: unknown, what: string, names: readonly (string | symbol)[]): void {
  const holder = (typeof value === 'object' && value !== null ? value : {}) as Record<string | symbol, unknown>
  const missing = names.find(name => typeof holder[name] !== 'function')
  if (missing !== undefined) throw invalid(`${what} has ${names.map(String).join(', ')}: ${describe(value)} has not`)
}

/** @throws SttError `STT_INVALID_ARGUMENT` */
export function checkTransfer(
  what: string,
  stream: unknown,
  options: { readonly signal: AbortSignal; readonly events: object },
  names: readonly string[],
  events: readonly string[],
): void {
  checkMethods(stream, 'a stream', ['write', Symbol.asyncIterator])
  checkOptions(options ?? null, what, ['signal', 'events', ...names])
  if (options.signal === undefined) throw invalid(`the signal of ${what} is missing: new AbortController().signal`)
  checkSignal(options.signal, what)
  checkMethods(options.events, `events of ${what}`, events)
}

export const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

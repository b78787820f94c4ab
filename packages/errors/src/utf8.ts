import { checkType } from './arguments.ts'
import { SttError } from './stt-error.ts'

/**
 * The UTF-8 bytes of a text that names something or goes into a hash.
 *
 * @param what the text, as a person would name it
 * @throws STT_INVALID_ARGUMENT for half a surrogate pair, which UTF-8 cannot write: two different texts would give the same bytes
 */
export function utf8(text: string, what = 'the text'): Uint8Array<ArrayBuffer> {
  checkType(text, what, 'string')
  if (!/\p{Surrogate}/u.test(text)) return encoder.encode(text)
  throw new SttError('STT_INVALID_ARGUMENT', `${what} holds half a surrogate pair, which no UTF-8 text can`)
}

const encoder = new TextEncoder()

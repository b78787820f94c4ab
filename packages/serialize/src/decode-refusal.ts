import { SttError } from '@stt/errors'

/** Why bytes are not a value; in `details.rule` of an `STT_DECODE` error, beside `details.offset`. */
export type DecodeRule =
  | 'tag'
  | 'truncated'
  | 'length'
  | 'count'
  | 'trailing'
  | 'key-type'
  | 'key-order'
  | 'key-duplicate'
  | 'utf8'
  | 'nan'
  | 'canonical'
  | 'limit-depth'
  | 'limit-bytes'
  | 'limit-memory'

/**
 * @param offset where the value or dict key that breaks `rule` starts; for 'trailing' the first byte too many
 */
export function decodeRefusal(offset: number, rule: DecodeRule): SttError {
  return new SttError('STT_DECODE', `cannot decode at offset ${offset}: ${explanations[rule]}`, {
    details: { offset, rule },
  })
}

const explanations: Readonly<Record<DecodeRule, string>> = {
  tag: 'no type has this tag',
  truncated: 'the bytes end inside a value',
  length: 'the length goes beyond the bytes that follow',
  count: 'the count goes beyond what the bytes that follow could hold',
  trailing: 'bytes follow the value; a Decoder takes several values',
  'key-type': 'a dict key must be a string',
  'key-order': 'a dict key must come after the one before it in the order of UTF-8 bytes',
  'key-duplicate': 'a dict key stands twice',
  utf8: 'a string is not valid UTF-8',
  nan: 'a NaN must have its one form, 7ff8000000000000 or 7fc00000',
  canonical: 'the number is not in the form that plain encoding gives it',
  'limit-depth': 'containers are nested deeper than limits.depth allows',
  'limit-bytes': 'the value takes more bytes than limits.bytes allows; raise it for input that you trust',
  'limit-memory': 'the value would take more memory than limits.memory allows; raise it for input that you trust',
}

import { isSttError } from '@stt/errors'
import type { Random } from '@stt/vitest-config/fuzz'
import { decode, encode, encodedSize } from '../../src/index.ts'
import { fromNotation, hex } from '../notation.ts'
import { outcomeOf } from '../outcome.ts'
import { referenceDecode } from '../reference.ts'

/**
 * Holds `decode` and `Decoder` to everything that is promised for any bytes; throws where one of them breaks it.
 *
 * @returns the input's kind: two inputs of one kind took much the same way through the decoder
 */
export function examine(bytes: Uint8Array, random: Random): string {
  const text = hex(bytes)
  const reference = referenceDecode(bytes)
  const refusal = refusalOf(bytes)
  const whole = outcomeOf([bytes])
  const cut = outcomeOf(cutAtRandom(bytes, random))
  same('the outcome in chunks', JSON.stringify(cut), JSON.stringify(whole))

  if (refusal !== undefined) {
    // The reference, which has no limits, may take a value that the limits refuse.
    if (!refusal.rule.startsWith('limit-')) same('the reference', reference, undefined)
    if (refusal.offset < 0 || refusal.offset > bytes.length)
      throw new Error(`offset ${refusal.offset} of ${bytes.length}`)
    const tag = refusal.rule === 'tag' ? undefined : bytes[refusal.offset]
    return [refusal.rule, tag, whole.values.length > 0, whole.rule].join(' ')
  }
  if (reference === undefined) throw new Error('decode takes what the reference refuses')
  const typed = decode(bytes, { typed: true })
  same('encode(decode(bytes, typed))', hex(encode(typed)), text)
  same('encodedSize', encodedSize(typed), bytes.length)
  same('the value of the reference', hex(encode(fromNotation(reference))), text)
  same('the stream', JSON.stringify(whole), JSON.stringify({ values: [text] }))
  const plain = encode(decode(bytes))
  const isCanonical = hex(plain) === text
  same('canonical decoding', refusalOf(bytes, true)?.rule, isCanonical ? undefined : 'canonical')
  return ['value', isCanonical, kinds(JSON.stringify(reference))].join(' ')
}

function refusalOf(
  bytes: Uint8Array,
  canonical = false,
): { readonly rule: string; readonly offset: number } | undefined {
  try {
    decode(bytes, { canonical })
    return undefined
  } catch (error) {
    if (!isSttError(error, 'STT_DECODE')) throw error
    return error.details as { rule: string; offset: number }
  }
}

function* cutAtRandom(bytes: Uint8Array, random: Random): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + random(9)
    // Copied, so that a view of another chunk would be seen.
    yield bytes.slice(at, end)
    at = end
  }
}

function same(what: string, is: unknown, wanted: unknown): void {
  if (is !== wanted) throw new Error(`${what}: ${String(is)} instead of ${String(wanted)}`)
}

/** Up to three of the types in a value. */
function kinds(notation: string): string {
  const found = notation.match(/u?int\d+|float\d+|bytes|dict|null|true|false|\[|[^ -~]/g) ?? []
  return [...new Set(found.map(kind => (kind > '~' ? 'wide' : kind)))].sort().slice(0, 3).join(',')
}

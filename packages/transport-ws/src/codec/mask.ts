/**
 * XORs `bytes[start, end)` in place with a masking key (RFC 6455 §5.3). Doing it twice restores the bytes.
 *
 * Long runs go by 32-bit words, eight at a time. A plain copy followed by this is faster than a copy that masks as it goes,
 * because the plain copy runs at memory speed.
 *
 * @param key the four key bytes as one unsigned big-endian number
 * @param phase number of payload bytes before `start`: the key continues from there
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number, phase = 0): void {
  let position = start
  let turn = phase & 3
  const aligned = end - start < WORDS_PAY_OFF ? end : position + (-(bytes.byteOffset + position) & 3)
  for (; position < aligned; position++, turn = (turn + 1) & 3) bytes[position]! ^= key >>> (24 - 8 * turn)
  if (position === end) return

  // Signed words: over unsigned ones, whose upper half are no small integers, every second process ran at half the speed.
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + position, (end - position) >>> 2)
  applyMaskWords(words, nativeWord(key, turn))
  position += words.length * 4
  // Whole words leave the turn where it was.
  for (; position < end; position++, turn = (turn + 1) & 3) bytes[position]! ^= key >>> (24 - 8 * turn)
}

function applyMaskWords(words: Int32Array, mask: number): void {
  const { length } = words
  const unrolled = length & ~7
  let i = 0
  for (; i < unrolled; i += 8) {
    words[i]! ^= mask
    words[i + 1]! ^= mask
    words[i + 2]! ^= mask
    words[i + 3]! ^= mask
    words[i + 4]! ^= mask
    words[i + 5]! ^= mask
    words[i + 6]! ^= mask
    words[i + 7]! ^= mask
  }
  for (; i < length; i++) words[i]! ^= mask
}

/** The key, begun at its byte `turn`, as a typed array of this machine's byte order reads it. */
function nativeWord(key: number, turn: number): number {
  for (let i = 0; i < 4; i++) wordBytes[i] = key >>> (24 - 8 * ((turn + i) & 3))
  return word[0]!
}

const word = new Int32Array(1)
const wordBytes = new Uint8Array(word.buffer)

/** Below this many bytes a view over words costs more than it saves. */
const WORDS_PAY_OFF = 64

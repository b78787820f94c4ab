import type { Random } from '@stt/vitest-config/fuzz'

/** A copy of an input of `corpus`, changed in one to four places in ways that tend to matter to this format. */
export function mutate(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = [...corpus[random(corpus.length)]!]
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(bytes.length + 1)
    const other = corpus[random(corpus.length)]!
    const length = random(12)
    switch (random(8)) {
      case 0:
        if (at < bytes.length) bytes[at] = random(256)
        break
      case 1:
        if (at < bytes.length) bytes[at]! ^= 1 << random(8)
        break
      case 2:
        bytes[at] = tags[random(tags.length)]!
        break
      case 3:
        bytes.splice(at, 0, ...other.subarray(0, 200))
        break
      case 4:
        bytes.splice(at, length)
        break
      case 5:
        bytes.splice(at, 0, ...bytes.slice(at, at + length))
        break
      case 6:
        bytes.splice(at, 4, 0, 0, random(3) === 0 ? 1 : 0, random(20))
        break
      default:
        bytes = wrap(bytes, random)
    }
  }
  return Uint8Array.from(bytes.slice(0, MAX_LENGTH))
}

/** A list of one or two of the value, or a dict of it. */
function wrap(bytes: readonly number[], random: Random): number[] {
  const which = random(3)
  if (which === 0) return [0x40, 0, 0, 0, 1, ...bytes]
  if (which === 1) return [0x40, 0, 0, 0, 2, ...bytes, ...bytes]
  return [0x41, 0, 0, 0, 1, 0x31, 0, 0, 0, 1, random(256), ...bytes]
}

const tags = [0, 1, 2, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x20, 0x21, 0x30, 0x31, 0x40, 0x41]
/** Bytes of the longest input that is tried. */
const MAX_LENGTH = 600

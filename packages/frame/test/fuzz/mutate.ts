import type { Random } from '@stt/vitest-config/fuzz'

/** A copy of an input of `corpus`, changed in one to four places in ways that tend to matter to frames. */
export function mutate(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const bytes = [...corpus[random(corpus.length)]!]
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(bytes.length + 1)
    const other = corpus[random(corpus.length)]!
    switch (random(6)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << random(8)
        break
      case 1:
        bytes[at] = interesting[random(interesting.length)]!
        break
      case 2:
        bytes.length = at
        break
      case 3:
        bytes.splice(at, 0, random(256))
        break
      case 4:
        bytes.splice(at, 1 + random(4))
        break
      default:
        bytes.splice(at, 0, ...other.subarray(0, 200))
    }
  }
  return Uint8Array.from(bytes.slice(0, MAX_LENGTH))
}

/** Frame types, first bytes of varints of each size, and ends of ranges. */
const interesting = [0, 1, 2, 3, 4, 5, 8, 9, 0x10, 0x11, 0x12, 0x13, 0x17, 0x1a, 0x1b, 0x1c, 0x1e, 0x1f, 0x20, 0x30, 0x3f, 0x40, 0x80, 0xc0, 0xff] // biome-ignore format: one line
/** Bytes of the longest input that is tried. */
const MAX_LENGTH = 400

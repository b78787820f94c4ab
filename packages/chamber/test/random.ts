/** Numbers from 0 to below 1 that depend on the seed alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes that depend on the seed and the length alone. Not to be written to. */
export function seededBytes(seed: number, length: number): Uint8Array {
  const name = `${seed} ${length}`
  const known = made.get(name)
  if (known) return known
  const random = seeded(seed)
  const bytes = Uint8Array.from({ length }, () => random() * 256)
  made.set(name, bytes)
  return bytes
}

const made = new Map<string, Uint8Array>()

/** How many seeds a test with chance in it tries: a few, or what a long run asks for. */
export const seeds: readonly number[] = Array.from({ length: Number(process.env['STT_SEEDS'] ?? 1) }, (_, i) => i + 1)

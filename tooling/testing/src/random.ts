/** A deterministic source of randomness: the same seed gives the same run, on every platform. Never for keys. */
export interface Random {
  readonly seed: number
  /** A number in [0, 1). */
  next(): number
  /** A whole number in [0, below). */
  integer(below: number): number
  /** True with this probability. A probability of 0 draws nothing. */
  chance(probability: number): boolean
  bytes(length: number): Uint8Array
  /** An independent source, so that drawing more in one place leaves another place's draws as they were. */
  fork(label: string): Random
}

/** sfc32 (PractRand's small fast counter), its state filled from the seed by splitmix32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const split = (): number => {
    state = (state + 0x9e3779b9) | 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) | 0
  }
  let a = split()
  let b = split()
  let c = split()
  let counter = 1

  const word = (): number => {
    const result = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + result
    return result >>> 0
  }
  for (let i = 0; i < 12; i++) word()

  const next = (): number => word() / 2 ** 32
  const integer = (below: number): number => Math.floor(next() * below)
  return {
    seed,
    next,
    integer,
    chance: probability => probability > 0 && next() < probability,
    bytes: length => {
      const bytes = new Uint8Array(length)
      for (let i = 0; i < length; i++) bytes[i] = word()
      return bytes
    },
    fork: label => createRandom(hash(label, seed)),
  }
}

/**
 * Runs `body` once for each seed; a failure names the seed, so that it can be replayed alone with
 * `STT_SEED=<seed>`, which also overrides the list. `STT_SEEDS` asks for more seeds than `count`, as the long run does.
 */
export async function forEachSeed(count: number, body: (seed: number) => void | Promise<void>): Promise<void> {
  const chosen = process.env['STT_SEED']
  const atLeast = Number(process.env['STT_SEEDS'] ?? 0)
  const seeds =
    chosen === undefined ? Array.from({ length: Math.max(count, atLeast) }, (_, i) => i + 1) : [Number(chosen)]
  for (const seed of seeds) {
    try {
      await body(seed)
    } catch (error) {
      throw new Error(`failed with seed ${seed} (replay alone: STT_SEED=${seed})`, { cause: error })
    }
  }
}

/** FNV-1a over the label, mixed with the parent's seed. */
function hash(label: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed
  for (let i = 0; i < label.length; i++) h = Math.imul(h ^ label.charCodeAt(i), 0x01000193)
  return h >>> 0
}

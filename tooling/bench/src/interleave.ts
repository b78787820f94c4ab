import type { Contestant } from './benchmark.ts'

/**
 * Measures the contestants in turn, `rounds` times over, so that a change of the machine's speed meets all of them
 * alike. Each round starts with another contestant. Gives each one's figures, round by round.
 */
export async function interleave(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const figures = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  if (figures.size !== contestants.length) throw new RangeError('two contestants of one row have the same name')
  try {
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < contestants.length; turn++) {
        const contestant = contestants[(round + turn) % contestants.length]!
        globalThis.gc?.()
        figures.get(contestant.name)!.push(await contestant.measure())
      }
    }
  } finally {
    for (const contestant of contestants) await contestant.close?.()
  }
  return figures
}

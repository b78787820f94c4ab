import { createRandom } from '@stt/testing'
import { expect, test } from 'vitest'
import { isPossible, meet, PLACES } from './nat-places.ts'

/** Of each pair of places. */
const SEEDS = Number(process.env['STT_SEEDS'] ?? 10)

const names = Object.keys(PLACES)

test.each(names.flatMap(a => names.map((b): [string, string] => [a, b])))(
  '%s is dialed from %s, with losses: as the oracle says within two rounds, of a hundred but one',
  async (a, b) => {
    const places = [PLACES[a]!, PLACES[b]!] as const
    const failures: number[] = []
    for (let seed = 1; seed <= SEEDS; seed++) {
      const loss = createRandom(seed).next() / 5
      const { world, session } = await meet(places, seed, loss)
      const direct = await world
        .until(() => session.path?.kind === 'udp', 45_000)
        .then(
          () => true,
          () => false,
        )
      if (direct !== isPossible(...places)) failures.push(seed)
      await world.run(session.ping())
    }
    expect(failures.slice(Math.floor(SEEDS / 100))).toEqual([])
  },
  600_000,
)

test.each(names.flatMap(a => names.map((b): [string, string] => [a, b])))(
  '%s is dialed from %s without losses: of a hundred 99 go direct within 2 s, where it is possible',
  async (a, b) => {
    const places = [PLACES[a]!, PLACES[b]!] as const
    if (!isPossible(...places)) return
    let late = 0
    for (let seed = 1; seed <= 10 * SEEDS; seed++) {
      const { world, session } = await meet(places, seed)
      if ((await world.until(() => session.path?.kind === 'udp', 45_000)) > 2_000) late++
    }
    expect(late).toBeLessThanOrEqual(Math.floor(SEEDS / 10))
  },
  600_000,
)

import fc from 'fast-check'
import { commandsOf, runModel } from './commands.ts'
import { World } from './world.ts'

export interface Totals {
  lost: number
  reordered: number
  corrupted: number
  /** Key updates. */
  epochs: number
  /** Bytes that applications read. */
  received: number
  sealed: number
}

/** Runs as many random sequences, half of them with a close in the midst of it; says what happened in all of them. */
export async function checkModel(runs: number): Promise<Totals> {
  const totals: Totals = { lost: 0, reordered: 0, corrupted: 0, epochs: 0, received: 0, sealed: 0 }
  const observe = (world: World): void => {
    for (const { counters } of [world.pair.toServer, world.pair.toClient]) {
      totals.lost += counters.lost
      totals.reordered += counters.reordered
      totals.corrupted += counters.corrupted
    }
    totals.epochs += world.session('initiator').getStatistics().sendEpoch
    totals.received += world.flows.reduce((sum, { received }) => sum + received, 0)
    totals.sealed += world.nonces.sealed
  }
  for (const closes of [false, true]) {
    await fc.assert(
      fc.asyncProperty(fc.nat(), commandsOf(closes), async (seed, commands) => {
        await runModel(new World(seed, { delay: 20 }), commands, observe)
      }),
      // A failure is printed with the seed and path that replay it: give them here.
      { numRuns: runs / 2, seed: Number(process.env['STT_SEED'] ?? 1) },
    )
  }
  return totals
}

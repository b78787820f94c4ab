import { expect } from 'vitest'
import { Chamber } from '../src/index.ts'
import { Child } from './processes.ts'
import { seeded } from './random.ts'
import { childOptions, holds, stateAfter } from './writer-steps.ts'

/**
 * Kills a writing process again and again, each time after a number of acknowledgements and at no particular place, and checks
 * after each that the chamber holds what was acknowledged, and at most the one step more that was under way.
 */
export async function killOften(path: string, times: number): Promise<void> {
  const random = seeded(times)
  let done = 0
  for (let time = 0; time < times; time++) {
    const writer = new Child('write', path, done)
    try {
      expect(await writer.line()).toBe('open')
      for (let acknowledged = Math.floor(random() * 40); acknowledged >= 0; acknowledged--) {
        expect(await writer.line()).toBe(`${done}`)
        done++
      }
    } finally {
      await writer.kill()
    }
    // The lines that it wrote while it was being killed count too.
    for (let line = await writer.line(); line !== undefined; line = await writer.line()) done = Number(line) + 1
    const chamber = await Chamber.open(childOptions(path))
    const isAsAcknowledged = await holds(chamber, stateAfter(done))
    if (!isAsAcknowledged) {
      expect(await holds(chamber, stateAfter(done + 1)), `killed after step ${done - 1}`).toBe(true)
      done++
    }
    await chamber.close()
  }
}

import { expect, test } from 'vitest'
import { chaos } from './chaos.ts'

const MINUTES = process.env['STT_SEEDS'] === undefined ? 4 : 10

test(`${MINUTES} minutes of virtual chaos cause no stray rejection, and leave the memory of the first tenth`, async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', note)
  try {
    const { memory, actions, sessions, errors } = await chaos(1, MINUTES)
    expect(unhandled).toEqual([])
    expect(memory[1]).toBeLessThanOrEqual(1.1 * memory[0])
    expect(Object.values(actions).reduce((sum, count) => sum + count)).toBeGreaterThan(100 * MINUTES)
    expect(sessions).toBeGreaterThan(MINUTES)
    expect(Object.keys(errors)).toContain('STT_STREAM_STOPPED')
  } finally {
    process.off('unhandledRejection', note)
  }
})

import { expect, test } from 'vitest'
import { chaos } from './chaos.ts'

test('ten minutes of virtual chaos: no rejection that nobody meant, and the memory of the first minute', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', note)
  try {
    const { memory, actions, sessions, errors } = await chaos(1, 10)
    expect(unhandled).toEqual([])
    expect(memory[1]).toBeLessThanOrEqual(1.1 * memory[0])
    expect(Object.values(actions).reduce((sum, count) => sum + count)).toBeGreaterThan(1_000)
    expect(sessions).toBeGreaterThan(10)
    expect(Object.keys(errors)).toContain('STT_STREAM_STOPPED')
  } finally {
    process.off('unhandledRejection', note)
  }
})

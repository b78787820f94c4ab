import { expect, test } from 'vitest'
import { chaos } from './chaos.ts'

test.each([2, 3, 4, 5, 6])('a node survives an hour of virtual chaos, seed %i', async seed => {
  const { memory, actions, sessions, errors } = await chaos(seed, 60)
  console.log({ memory, actions, sessions, errors })
  expect(memory[1]).toBeLessThanOrEqual(1.1 * memory[0])
})

import { expect, test } from 'vitest'
import { checkModel } from './check-model.ts'

test('two endpoints, whatever they and the network do: no byte is wrong, nothing hangs, both agree on the end', async () => {
  const totals = await checkModel(60)
  // The runs were no quiet ones.
  expect(totals.lost).toBeGreaterThan(100)
  expect(totals.reordered).toBeGreaterThan(100)
  expect(totals.corrupted).toBeGreaterThan(10)
  expect(totals.epochs).toBeGreaterThan(20)
  expect(totals.received).toBeGreaterThan(1_000_000)
})

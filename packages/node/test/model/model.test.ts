import { expect, test } from 'vitest'
import { checkModel } from './check-model.ts'

test('two endpoints never read a wrong byte, never hang and agree on the end, whatever they and the network do', async () => {
  const totals = await checkModel(60)
  // The runs were no quiet ones.
  expect(totals.lost).toBeGreaterThan(100)
  expect(totals.reordered).toBeGreaterThan(100)
  expect(totals.corrupted).toBeGreaterThan(10)
  expect(totals.epochs).toBeGreaterThan(20)
  expect(totals.received).toBeGreaterThan(1_000_000)
})

import { test } from 'vitest'
import { checkModel } from './check-model.ts'

test('the same for two thousand sequences', async () => {
  const totals = await checkModel(2_000)
  console.log(totals)
})

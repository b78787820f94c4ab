import { test } from 'vitest'
import { checkModel } from './check-model.ts'

test('the model holds for two thousand sequences', async () => {
  const totals = await checkModel(2_000)
  console.log(totals)
})

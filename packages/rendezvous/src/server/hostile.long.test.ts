import { test } from 'vitest'
import { floodOfListens } from '../../test/listen-flood.ts'

// spec: STT-RLY-9 STT-RLY-16
test('100,000 LISTENs from a thousand addresses: what is kept is bounded, and an honest node is served', async () => {
  await floodOfListens(100_000)
})

import { test } from 'vitest'
import { floodOfListens } from '../../test/listen-flood.ts'

// spec: STT-RLY-9 STT-RLY-16
test('many LISTENs from many addresses: what is kept is bounded, and an honest node is served', async () => {
  await floodOfListens(16_000)
})

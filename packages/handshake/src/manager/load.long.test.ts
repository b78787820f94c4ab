import { measureMemory } from '@stt/testing'
import { expect, test } from 'vitest'
import { floodListener } from '../../test/flood.ts'

// spec: STT-HS-35, STT-HS-37
test('a flood of 100,000 HELLOs, half of it right up to mac1: memory stays flat, and an honest dial gets in', async () => {
  const used: number[] = []
  await floodListener(100_000, async () => used.push(await measureMemory()))
  expect(used).toHaveLength(10)
  expect(used[9]).toBeLessThan(1.1 * used[0]!)
})

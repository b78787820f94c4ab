import { expect, test } from 'vitest'
import { floodListener } from '../../test/flood.ts'

// spec: STT-HS-35, STT-HS-37
test('a flood of 100,000 HELLOs, half of it right up to mac1: memory stays flat, and an honest dial gets in', () => {
  const used: number[] = []
  floodListener(100_000, () => {
    globalThis.gc?.()
    const { heapUsed, external, arrayBuffers } = process.memoryUsage()
    used.push(heapUsed + external + arrayBuffers)
  })
  expect(globalThis.gc).toBeDefined()
  expect(used).toHaveLength(10)
  expect(used[9]).toBeLessThan(1.1 * used[0]!)
})

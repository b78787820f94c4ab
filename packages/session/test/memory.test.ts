import { provider } from '@stt/crypto'
import { measureMemory, settledProvider } from '@stt/testing'
import { expect, test } from 'vitest'
import { frames } from './frames.ts'
import { LoneSession } from './lone-session.ts'

test('an idle session takes less than 20 KiB, whatever went through it before', async () => {
  const count = 300
  const worn = (): unknown => {
    const lone = new LoneSession('responder', { kind: 'message' })
    lone.source.queue(100_000)
    for (let i = 0; i < 20; i++) lone.deliver(frames.join(frames.ping(), frames.stream(i * 1_000, 1_000)))
    const last = lone.takeSent().at(-1)!.packetNumber
    lone.deliver(frames.ack(last, 0))
    return lone.session
  }
  worn()
  await settledProvider(provider)
  const before = await measureMemory()
  const sessions = Array.from({ length: count }, worn)
  const each = ((await measureMemory()) - before) / count
  console.log(`an idle session takes ${Math.round(each)} bytes, its streams not counted`)
  expect(each).toBeLessThan(20 * 1_024)
  expect(sessions).toHaveLength(count)
})

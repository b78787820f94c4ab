import { untilInRealTime } from '@stt/testing'
import { expect, test } from 'vitest'
import { finish, passDarkness, startTransfer } from './transfers.ts'

const ENDLESS = 2 ** 40

// The peer tells nobody: silence does.
test.each(['sender', 'receiver'] as const)(
  'the other process hears of it when the %s is killed in the middle of a transfer',
  async victim => {
    const transfer = await startTransfer(ENDLESS, {}, { idleTimeout: 1_500 })
    await untilInRealTime(() => transfer.proxy.toTarget.forwarded > 200)
    transfer[victim].kill()
    const survivor = victim === 'sender' ? transfer.receiver : transfer.sender
    expect((await survivor.message('failed')).code).toBe('STT_TRUNCATED')
    await survivor.exited
  },
)

test('every byte arrives although the network is dark for a second', () => passDarkness(1_000))

// spec: STT-REC-50 STT-REC-52
test('every byte arrives although the client’s port changes four times', async () => {
  const transfer = await startTransfer(8 * 1024 * 1024)
  const { proxy, receiver } = transfer
  const before = (await receiver.message('accepted')).address
  for (let change = 1; change <= 4; change++) {
    const { forwarded } = proxy.toTarget
    await untilInRealTime(() => proxy.toTarget.forwarded > forwarded + 200)
    await proxy.rebind()
  }
  const { received } = await finish(transfer)
  expect(received.address).not.toBe(before)
})

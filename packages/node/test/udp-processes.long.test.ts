import { expect, test } from 'vitest'
import { finish, passDarkness, startTransfer } from './transfers.ts'

test('256 MiB arrive both ways through a network that drops 2 %, reorders and doubles', async () => {
  const bad = { drop: 0.02, reorder: 0.02, duplicate: 0.02 }
  const transfer = await startTransfer(256 * 1024 * 1024, { toTarget: bad, toClient: bad })
  const { sent } = await finish(transfer)
  for (const direction of [transfer.proxy.toTarget, transfer.proxy.toClient]) {
    expect(direction.dropped).toBeGreaterThan(0.015 * direction.received)
    expect(direction.reordered).toBeGreaterThan(0.015 * direction.received)
    expect(direction.duplicated).toBeGreaterThan(0.015 * direction.received)
  }
  const { packetsLost, streams } = sent.statistics!
  expect(packetsLost).toBeGreaterThan(0)
  expect(streams.bytesResent).toBeGreaterThan(0)
})

test('every byte arrives although the network is dark for five seconds', () => passDarkness(5_000))

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { untilInRealTime } from './link-suite.ts'
import { createUdpProxy } from './udp-proxy.ts'

test('the proxy forwards, misbehaves as told, counts it, and moves to a new port on request', async () => {
  const echo = createSocket('udp4')
  echo.bind(0, '127.0.0.1')
  await once(echo, 'listening')
  const sources = new Set<number>()
  echo.on('message', (bytes, from) => {
    sources.add(from.port)
    echo.send(bytes, from.port, from.address)
  })
  const conditions = { drop: 0.1, reorder: 0.1, duplicate: 0.1, corrupt: 0.1 }
  const tapped = { 'to-target': 0, 'to-client': 0 }
  const proxy = await createUdpProxy({
    target: { host: '127.0.0.1', port: echo.address().port },
    seed: 1,
    toTarget: conditions,
    toClient: conditions,
    tap: (_packet, direction) => tapped[direction]++,
  })
  const client = createSocket('udp4')
  client.connect(proxy.port, proxy.host)
  await once(client, 'connect')
  let received = 0
  client.on('message', () => received++)
  try {
    for (let i = 0; i < 300; i++) client.send(new Uint8Array(100).fill(i))
    await untilInRealTime(() => proxy.toTarget.received === 300 && received > 200)
    for (const counters of [proxy.toTarget, proxy.toClient]) {
      expect(Math.min(counters.dropped, counters.reordered, counters.duplicated, counters.corrupted)).toBeGreaterThan(0)
    }
    expect(sources.size).toBe(1)
    expect(tapped).toEqual({ 'to-target': proxy.toTarget.received, 'to-client': proxy.toClient.received })

    await proxy.rebind()
    const before = received
    await untilInRealTime(() => {
      client.send(Uint8Array.of(1))
      return received > before && sources.size === 2
    })

    proxy.blackhole = true
    const { dropped } = proxy.toTarget
    client.send(Uint8Array.of(1))
    await untilInRealTime(() => proxy.toTarget.dropped > dropped)
  } finally {
    client.close()
    echo.close()
    await proxy.close()
  }
})

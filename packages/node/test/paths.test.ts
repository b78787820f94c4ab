import { describe, expect, test } from 'vitest'
import type { Session } from '../src/index.ts'
import { movingNodes, send } from './moving-nodes.ts'
import { collect, expectBytes, first, pattern } from './nodes.ts'

const MEBIBYTE = pattern(1024 * 1024)

test('the server sends to the client’s new address as soon as the client says anything from there', async () => {
  const nodes = await movingNodes({ seed: 1, scenario: 'goodput' })
  const sending = send(nodes.accepted, nodes.dialed, MEBIBYTE)
  nodes.pair.loop.after(300, () => {
    nodes.rebind()
    void nodes.dialed.ping()
  })
  expectBytes(await nodes.run(sending, 20_000), MEBIBYTE)
  expect(nodes.accepted.peer.address).toBe('udp://10.0.0.2:50001')
})

describe('an attacker who copies packets to another address', () => {
  /** Every packet of the client's arrives a second time, from the attacker's address: before or after the client's own. */
  async function attacked(delay: number): Promise<{ moved: boolean; sent: number; answered: number }> {
    const copies: Uint8Array[] = []
    let tap = false
    const nodes = await movingNodes({
      seed: 5,
      toServer: { delay: 20 },
      toClient: { delay: 20 },
      tap: (packet, direction) => {
        if (tap && direction === 'to-server') copies.push(packet.slice())
      },
    })
    const attacker = nodes.pair.another('udp://10.6.6.6:666')
    nodes.listener.add(attacker.server)
    let sent = 0
    let answered = 0
    // What comes back it tries as its own answer.
    attacker.client.onPacket = packet => {
      answered += packet.length
      attacker.client.send(packet)
      sent += packet.length
    }
    const onDeliver = nodes.pair.toServer.send.bind(nodes.pair.toServer)
    nodes.pair.toServer.send = (item, size) => {
      const copy = tap && item !== 'end' ? copies.shift() : undefined
      if (copy) {
        nodes.pair.loop.after(Math.max(0, delay), () => {
          sent += copy.length
          nodes.listener.deliver(copy, attacker.server)
        })
      }
      onDeliver(item, size)
    }
    tap = true
    const home = nodes.accepted.peer.address
    const received = await nodes.run(send(nodes.dialed, nodes.accepted, MEBIBYTE))
    expectBytes(received, MEBIBYTE)
    await nodes.run(new Promise<void>(resolve => nodes.pair.loop.after(5_000, resolve)))
    return { moved: nodes.accepted.peer.address !== home, sent, answered }
  }

  // spec: STT-REC-50 STT-REC-51
  test.each([
    ['sooner than the client’s own', 0],
    ['later', 40],
  ])('%s: the session stays, and the attacker never gets three times its bytes', async (_when, delay) => {
    const { moved, sent, answered } = await attacked(delay)
    expect(moved).toBe(false)
    expect(sent).toBeGreaterThan(MEBIBYTE.length)
    expect(answered).toBeLessThanOrEqual(3 * sent)
    if (delay === 0) expect(answered).toBeGreaterThan(0)
    else expect(answered).toBe(0)
  })
})

describe('datagram size', () => {
  const probing = { seed: 2, scenario: 'goodput', basePacketSize: 1_200, maxPacketSize: 1_452 } as const
  const sizeOf = (session: Session): number => session.getStatistics().path!.maxDatagramSize

  // spec: STT-REC-31 STT-REC-32
  test.each([
    ['all of it', 1_500, 1_452],
    ['as much as there is, to 16 bytes', 1_385, 1_385],
    ['nothing more than there is', 1_200, 1_200],
  ])('grows to what the path carries: %s', async (_what, mtu, expected) => {
    const nodes = await movingNodes({ ...probing, toServer: { mtu }, toClient: { mtu } })
    expectBytes(await nodes.run(send(nodes.dialed, nodes.accepted, MEBIBYTE), 20_000), MEBIBYTE)
    await nodes.run(nodes.dialed.close())
    const { path, packetsLost } = nodes.dialed.getStatistics()
    expect(path!.maxDatagramSize).toBeLessThanOrEqual(expected)
    expect(path!.maxDatagramSize).toBeGreaterThan(expected - 16)
    expect(nodes.pair.toServer.counters.tooLarge > 0).toBe(mtu < 1_452)
    // Nothing was lost but what was too large and what overflowed the queue, and no probe was taken for congestion.
    expect(packetsLost).toBe(nodes.pair.toServer.counters.tooLarge + nodes.pair.toServer.counters.overflowed)
  })

  // spec: STT-REC-33
  test('falls back when the path swallows larger datagrams later, and every byte arrives', async () => {
    const nodes = await movingNodes({ ...probing, toServer: { rate: 250_000 } })
    const sending = send(nodes.dialed, nodes.accepted, MEBIBYTE)
    await nodes.run(new Promise<void>(resolve => nodes.pair.loop.after(1_000, resolve)))
    expect(sizeOf(nodes.dialed)).toBe(1_452)
    nodes.pair.toServer.change({ mtu: 1_300 })
    expectBytes(await nodes.run(sending, 60_000), MEBIBYTE)
    expect(sizeOf(nodes.dialed)).toBe(1_200)
    expect(nodes.pair.toServer.counters.tooLarge).toBeGreaterThanOrEqual(6)
  })

  test('stays as it is where no larger size is wanted', async () => {
    const nodes = await movingNodes({ ...probing, maxPacketSize: 1_200 })
    await nodes.run(send(nodes.dialed, nodes.accepted, MEBIBYTE))
    expect(sizeOf(nodes.dialed)).toBe(1_200)
    expect(nodes.pair.toServer.counters.tooLarge).toBe(0)
  })
})

// spec: STT-REC-1 STT-REC-7
test('a program that stands still counts the pause neither as loss nor as a round trip', async () => {
  const stalls = Array.from({ length: 8 }, (_, i) => [600 + 400 * i, 900 + 400 * i] as const)
  const nodes = await movingNodes({ seed: 1, toServer: { delay: 25 }, toClient: { delay: 25 }, stalls })
  const { loop } = nodes.pair
  const receiving = first(nodes.accepted.streams()).then(collect)
  const stream = await nodes.dialed.openSendStream()
  const block = pattern(1_000)
  let written = 0
  // A little at a time, each of its packets alone: what the path takes is never the limit.
  for (let at = 500; at < 4_000; at += 10) {
    if (stalls.some(([from, to]) => at >= from && at < to)) continue
    loop.schedule(at, () => void stream.write(block))
    written++
  }
  const roundTrips: number[] = []
  for (const [, to] of stalls) {
    loop.schedule(to + 5, () => void roundTrips.push(nodes.dialed.getStatistics().path!.smoothedRtt))
  }
  await nodes.run(new Promise<void>(resolve => loop.schedule(4_500, resolve)))
  await stream.end()
  expect((await nodes.run(receiving)).length).toBe(written * block.length)
  const { packetsLost, path } = nodes.dialed.getStatistics()
  expect(packetsLost).toBe(0)
  expect(path).toMatchObject({ probesSent: 0 })
  expect(roundTrips.every(each => each >= 50 && each < 51)).toBe(true)
})

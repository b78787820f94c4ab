import { describe, expect, test } from 'vitest'
import { linkPair } from './link-pair.ts'
import { linkSuite } from './link-suite.ts'

for (const kind of ['datagram', 'message'] as const) {
  linkSuite(`virtual ${kind}`, () => {
    const { client, server, loop } = linkPair({ seed: 1, kind })
    return {
      a: client,
      b: server,
      until: async done => expect(loop.runWhileNot(done)).toBe(true),
      cleanup: async () => {
        client.close()
        server.close()
      },
    }
  })
}

describe('linkPair', () => {
  test('the same seed gives the same run, another seed another', () => {
    const run = (seed: number): string => {
      const pair = linkPair({ seed, kind: 'datagram', scenario: 'chaos' })
      const log: string[] = []
      pair.server.onPacket = packet => log.push(`${pair.loop.now} ${packet}`)
      for (let i = 0; i < 200; i++) pair.loop.schedule(i, () => pair.client.send(Uint8Array.of(i)))
      pair.loop.runUntil(1_000)
      return log.join('\n')
    }
    expect(run(1)).toBe(run(1))
    expect(run(1)).not.toBe(run(2))
  })

  test('corruption changes a copy and is counted', () => {
    const pair = linkPair({ seed: 3, kind: 'datagram', toServer: { corrupt: 1 } })
    const sent = new Uint8Array(100).fill(7)
    const received: Uint8Array[] = []
    pair.server.onPacket = packet => received.push(packet)
    for (let i = 0; i < 20; i++) pair.client.send(sent)
    pair.loop.runUntil(10)
    expect(pair.toServer.counters.corrupted).toBe(20)
    expect(received.every(packet => packet.length < 100 || packet.some(byte => byte !== 7))).toBe(true)
    expect(sent).toEqual(new Uint8Array(100).fill(7))
  })

  test('after a rebind packets arrive on the new end, and the old one reaches nobody', () => {
    const pair = linkPair({ seed: 1, kind: 'datagram' })
    const old = pair.server
    const arrived: string[] = []
    old.onPacket = () => arrived.push('old')
    pair.client.onPacket = packet => arrived.push(`client ${packet}`)
    const fresh = pair.rebind()
    fresh.onPacket = () => arrived.push('new')
    expect(fresh).toBe(pair.server)
    expect(fresh.remote).not.toBe(old.remote)
    pair.client.send(Uint8Array.of(1))
    old.send(Uint8Array.of(2))
    fresh.send(Uint8Array.of(3))
    pair.loop.runUntil(10)
    expect(arrived).toEqual(['new', 'client 3'])
  })

  test('a blackhole delays a message link and empties a datagram link', () => {
    for (const kind of ['datagram', 'message'] as const) {
      const pair = linkPair({ seed: 1, kind, toServer: { blackholes: [[0, 500]] } })
      const arrivals: number[] = []
      pair.server.onPacket = () => arrivals.push(pair.loop.now)
      pair.client.send(Uint8Array.of(1))
      pair.loop.runUntil(1_000)
      expect(arrivals).toEqual(kind === 'message' ? [501] : [])
      expect(pair.toServer.counters.blackholed).toBe(kind === 'message' ? 0 : 1)
    }
  })

  test('a tap sees what is sent, and another address has a network of its own', () => {
    const seen: string[] = []
    const pair = linkPair({ seed: 1, kind: 'datagram', tap: (packet, to) => seen.push(`${to} ${packet}`) })
    const attacker = pair.another('udp://10.6.6.6:666')
    let reached = ''
    attacker.server.onPacket = () => (reached = attacker.server.remote)
    pair.client.send(Uint8Array.of(1))
    pair.server.send(Uint8Array.of(2))
    attacker.client.send(Uint8Array.of(3))
    pair.loop.runUntil(10)
    expect(seen).toEqual(['to-server 1', 'to-client 2', 'to-server 3'])
    expect(reached).toBe('udp://10.6.6.6:666')
  })
})

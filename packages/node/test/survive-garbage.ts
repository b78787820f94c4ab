import { createUdpProxy, measureMemory } from '@stt/testing'
import { expect } from 'vitest'
import { Seed } from '../src/index.ts'
import { garbageFlood } from './garbage.ts'
import { collect, createNode, expectBytes, first, pattern } from './nodes.ts'

/** Floods a node that has a session with `count` datagrams of garbage from 64 addresses: it answers none, and forgets all. */
export async function surviveGarbage(count: number): Promise<void> {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'], udp: { maxPacketSize: 1_200 } })
  const client = await createNode({ seed, udp: { maxPacketSize: 1_200 } })
  const target = { host: '127.0.0.1', port: Number(new URL(server.addresses[0]!).port) }
  const packets: Uint8Array[] = []
  const proxy = await createUdpProxy({
    seed: 1,
    target,
    tap: (packet, direction) => {
      if (direction === 'to-target' && packet[0]! >> 6 === 1 && packets.length < 64) packets.push(packet.slice())
    },
  })
  const accepting = first(server.sessions())
  const session = await client.connect(`udp://${proxy.host}:${proxy.port}`)
  const accepted = await accepting
  const transfer = async (): Promise<void> => {
    const block = pattern(100_000)
    const receiving = first(accepted.streams()).then(collect)
    const stream = await session.openSendStream()
    await stream.write(block)
    await stream.end()
    expectBytes(await receiving, block)
  }
  await transfer()
  const home = accepted.peer.address
  const flood = await garbageFlood(target.port, () => ({ forged: packets[0]!, replayed: packets }))
  try {
    await flood.send(count / 10)
    await transfer()
    const before = await measureMemory()
    await flood.send((9 * count) / 10)
    await transfer()
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
    expect(await measureMemory()).toBeLessThanOrEqual(1.1 * before)

    const { strayPackets, malformed, version, sessions, pending } = server.getStatistics()
    const { packetsDropped } = accepted.getStatistics()
    expect({ sessions, pending, answered: flood.answered }).toEqual({ sessions: 1, pending: 0, answered: 0 })
    // What the kernel had no room for reached nobody: most of it did.
    expect(packetsDropped.duplicate).toBeGreaterThan(count / 8)
    expect(packetsDropped.tag + packetsDropped.malformed + packetsDropped.epoch).toBeGreaterThan(count / 8)
    expect(strayPackets + malformed + version).toBeGreaterThan(count / 4)
    expect(accepted.peer.address).toBe(home)
  } finally {
    flood.close()
    await proxy.close()
  }
}

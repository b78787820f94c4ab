import { createUdpProxy } from '@stt/testing'
import { afterEach, expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { type PeerProcess, startPeer } from './processes.ts'

const SIZE = 16 * 1024 * 1024
const running: PeerProcess[] = []

afterEach(() => {
  for (const peer of running.splice(0)) peer.kill()
})

function start(seed: string, ...parameters: string[]): PeerProcess {
  const peer = startPeer(seed, ...parameters)
  running.push(peer)
  return peer
}

test.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('two processes move 16 MiB over %s', async listen => {
  const seed = Seed.generate().toHex()
  const receiver = start(seed, 'receive', listen)
  const { address } = await receiver.message('listening')
  const sender = start(seed, 'send', address!, String(SIZE))
  expect((await sender.message('sent')).equal).toBe(true)
  await receiver.message('received')
  await Promise.all([sender.exited, receiver.exited])
})

test('two processes move 16 MiB through a network that drops, reorders and doubles 5 % each, both ways', async () => {
  const seed = Seed.generate().toHex()
  const options = JSON.stringify({ udp: { maxPacketSize: 1_200 } })
  const receiver = start(seed, 'receive', 'udp://127.0.0.1:0', '0', options)
  const { address } = await receiver.message('listening')
  const bad = { drop: 0.05, reorder: 0.05, duplicate: 0.05 }
  const proxy = await createUdpProxy({ seed: 1, target: targetOf(address!), toTarget: bad, toClient: bad })
  const sender = start(seed, 'send', `udp://${proxy.host}:${proxy.port}`, String(SIZE), options)
  const { equal, statistics } = await sender.message('sent')
  expect(equal).toBe(true)
  for (const direction of [proxy.toTarget, proxy.toClient]) {
    expect(direction.dropped).toBeGreaterThan(0)
    expect(direction.reordered).toBeGreaterThan(0)
    expect(direction.duplicated).toBeGreaterThan(0)
  }
  expect(statistics!.packetsLost).toBeGreaterThan(0)
  expect(statistics!.streams.bytesResent).toBeGreaterThan(0)
  await receiver.message('received')
  await Promise.all([sender.exited, receiver.exited])
  await proxy.close()
})

test('a receiver that is killed in the middle of a transfer is reported as truncated', async () => {
  const seed = Seed.generate().toHex()
  const receiver = start(seed, 'receive', 'ws://127.0.0.1:0')
  const { address } = await receiver.message('listening')
  const options = JSON.stringify({ limits: { idleTimeout: 2_000 } })
  const sender = start(seed, 'send', address!, String(2 ** 40), options)
  await sender.message('connected')
  receiver.kill()
  expect((await sender.message('failed')).code).toBe('STT_TRUNCATED')
  await sender.exited
})

const targetOf = (address: string): { host: string; port: number } => {
  const { hostname, port } = new URL(address)
  return { host: hostname, port: Number(port) }
}

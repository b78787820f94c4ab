import { createUdpProxy, type UdpProxy, type UdpProxyOptions } from '@stt/testing'
import { afterEach, expect } from 'vitest'
import { type NodeLimits, Seed } from '../src/index.ts'
import { type PeerMessage, type PeerOptions, type PeerProcess, startPeer } from './processes.ts'

const running: PeerProcess[] = []
const proxies: UdpProxy[] = []

afterEach(async () => {
  for (const peer of running.splice(0)) peer.kill()
  await Promise.all(proxies.splice(0).map(proxy => proxy.close()))
})

export interface Transfer {
  readonly sender: PeerProcess
  readonly receiver: PeerProcess
  readonly proxy: UdpProxy
}

/** A process that sends `size` bytes over UDP to another through a proxy, in packets of 1,200 bytes. Ends with the test. */
export async function startTransfer(
  size: number,
  network: Partial<UdpProxyOptions> = {},
  limits: Partial<NodeLimits> = {},
): Promise<Transfer> {
  const seed = Seed.generate().toHex()
  const options: PeerOptions = { udp: { maxPacketSize: 1_200 }, limits }
  const start = (...parameters: string[]): PeerProcess => {
    const peer = startPeer(seed, ...parameters, JSON.stringify(options))
    running.push(peer)
    return peer
  }
  const receiver = start('receive', 'udp://127.0.0.1:0', '0')
  const { hostname: host, port } = new URL((await receiver.message('listening')).address!)
  const proxy = await createUdpProxy({ seed: 1, ...network, target: { host, port: Number(port) } })
  proxies.push(proxy)
  const sender = start('send', `udp://${proxy.host}:${proxy.port}`, String(size))
  await sender.message('connected')
  return { sender, receiver, proxy }
}

/** Waits until every byte has arrived as it was sent. */
export async function finish({ sender, receiver }: Transfer): Promise<{ sent: PeerMessage; received: PeerMessage }> {
  const sent = await sender.message('sent')
  expect(sent.equal).toBe(true)
  const received = await receiver.message('received')
  await Promise.all([sender.exited, receiver.exited])
  return { sent, received }
}

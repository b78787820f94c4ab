import { setTimeout as delay } from 'node:timers/promises'
import { createUdpProxy, type UdpProxy, type UdpProxyOptions, untilInRealTime } from '@stt/testing'
import { expect, onTestFinished } from 'vitest'
import { type NodeLimits, Seed } from '../src/index.ts'
import { type PeerMessage, type PeerOptions, type PeerProcess, startPeer } from './processes.ts'

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
    onTestFinished(peer.kill)
    return peer
  }
  const receiver = start('receive', 'udp://127.0.0.1:0', '0')
  const { hostname: host, port } = new URL((await receiver.message('listening')).address!)
  const proxy = await createUdpProxy({ seed: 1, ...network, target: { host, port: Number(port) } })
  onTestFinished(() => proxy.close())
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

/** A transfer in the middle of which nothing passes for so many milliseconds. */
export async function passDarkness(milliseconds: number): Promise<void> {
  const transfer = await startTransfer(8 * 1024 * 1024)
  const { proxy } = transfer
  await untilInRealTime(() => proxy.toTarget.forwarded > 200)
  proxy.blackhole = true
  await delay(milliseconds)
  const { dropped } = proxy.toTarget
  proxy.blackhole = false
  const { sent } = await finish(transfer)
  expect(dropped).toBeGreaterThan(0)
  expect(sent.statistics!.streams.bytesResent).toBeGreaterThan(0)
}

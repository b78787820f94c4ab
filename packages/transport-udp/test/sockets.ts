import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { dialUdp, listenUdp, type UdpLink, type UdpListener, type UdpListenOptions } from '../src/index.ts'

/** Closes something when the test is over, the last that was opened first. */
export const closeLater = (close: () => unknown): void => onTestFinished(async () => void (await close()))

export async function listen(options: UdpListenOptions = {}): Promise<UdpListener> {
  const listener = await listenUdp({ host: '127.0.0.1', ...options })
  closeLater(() => listener.close())
  return listener
}

export async function dial(...args: Parameters<typeof dialUdp>): Promise<UdpLink> {
  const link = await dialUdp(...args)
  closeLater(() => link.close())
  return link
}

/** A socket of the system, bound to loopback. */
export async function bindRaw(port = 0, address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, address)
  await once(socket, 'listening')
  return socket
}

export const portOf = (address: string): number => Number(address.split(':').at(-1))

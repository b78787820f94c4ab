import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'

/**
 * The name of the loopback interface where mDNS can be spoken on it: its port is shared, and what is sent to the group comes
 * back. Undefined where it is not so, and nothing of mDNS can be tested without reaching others.
 */
export async function loopbackWithGroups(): Promise<string | undefined> {
  const [name] = Object.entries(networkInterfaces()).find(([, all]) => all?.some(isLoopback)) ?? []
  if (name === undefined) return undefined
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    socket.bind({ port: PORT, address: process.platform === 'win32' ? LOOPBACK : GROUP })
    await once(socket, 'listening')
    socket.addMembership(GROUP, LOOPBACK)
    socket.setMulticastInterface(LOOPBACK)
    socket.setMulticastLoopback(true)
    const heard = once(socket, 'message', { signal: AbortSignal.timeout(LONGEST_WAIT) })
    // A header of DNS that asks for nothing.
    socket.send(new Uint8Array(12), PORT, GROUP)
    await heard
    return name
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

const isLoopback = ({ internal, address }: { internal: boolean; address: string }): boolean =>
  internal && address === LOOPBACK
const LOOPBACK = '127.0.0.1'
const GROUP = '224.0.0.251'
const PORT = 5_353
/** Milliseconds. */
const LONGEST_WAIT = 2_000

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createRandom } from '@stt/testing'

/** What floods send, an equal share of each. */
export interface GarbageKinds {
  /** Packets for the connection id of a session, which do not verify. */
  readonly forged: Uint8Array
  /** The session's own packets once more. */
  readonly replayed: readonly Uint8Array[]
}

export interface Flood {
  /** Datagrams that came back. */
  readonly answered: number
  /** Sends so many datagrams, from each address in turn. */
  send(count: number): Promise<void>
  close(): void
}

/** Senders on 64 loopback addresses. Only Linux has all of 127.0.0.0/8 without being asked. */
export async function garbageFlood(port: number, kinds: () => GarbageKinds): Promise<Flood> {
  const random = createRandom(11)
  const sockets = await Promise.all(
    Array.from({ length: 64 }, async (_, i) => {
      const socket = createSocket('udp4')
      socket.bind(0, `127.2.0.${i + 1}`)
      await once(socket, 'listening')
      return socket
    }),
  )
  let answered = 0
  for (const socket of sockets) socket.on('message', () => answered++)

  const datagram = (i: number): Uint8Array => {
    const { forged, replayed } = kinds()
    const bytes = random.bytes(1 + random.integer(100))
    if (i % 4 === 0) return bytes
    // The long header of a handshake's message, and the short one of a packet.
    if (i % 4 === 1) return Uint8Array.of(0x80 | (bytes[0]! & 0x0f), ...bytes)
    if (i % 4 === 2) return Uint8Array.of(0x40, ...forged.subarray(1, 9), ...bytes)
    return replayed[i % replayed.length]!
  }
  let sent = 0
  return {
    get answered() {
      return answered
    },
    async send(count) {
      for (let i = 0; i < count; i++, sent++) {
        sockets[sent % sockets.length]!.send(datagram(sent + Math.floor(sent / sockets.length)), port, '127.0.0.1')
        // So that the kernel's buffer is not what ends the flood.
        if (i % 32 === 31) await new Promise(resolve => setImmediate(resolve))
      }
    },
    close: () => sockets.forEach(socket => void socket.close()),
  }
}

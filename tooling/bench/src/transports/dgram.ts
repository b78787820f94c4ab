import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { provider } from '@stt/crypto'
import { decodeRequest, encodeRequest, RequestKind, type Transport } from './protocol.ts'

/**
 * The limit that `node:dgram` sets: datagrams with a window of acknowledgements so that loopback loses none, and
 * nothing else of a transport. `sealed` puts ChaCha20-Poly1305 around each, by what STT takes for that size. Upload and ping only.
 */
export const dgram = ({ size, sealed }: { readonly size: number; readonly sealed: boolean }): Transport => ({
  async serve() {
    const socket = await bound()
    serveSocket(socket, sealed)
    return { address: String(socket.address().port), close: async () => void socket.close() }
  },
  async dial(address) {
    const socket = await bound()
    socket.connect(Number(address), '127.0.0.1')
    await once(socket, 'connect')
    return {
      upload: bytes => upload(socket, bytes, size, sealed),
      download: () => Promise.reject(new Error('the limit is measured one way')),
      async ping() {
        socket.send(seal(encodeRequest(RequestKind.ping, 0), sealed))
        await once(socket, 'message')
      },
      connection: () => Promise.reject(new Error('datagrams have no connections')),
      idle: () => Promise.reject(new Error('datagrams have no connections')),
      close: async () => void socket.close(),
    }
  },
})

/** Made when it is needed first: it loads what it is made with. */
let key: ReturnType<typeof provider.aead> | undefined
const keyOf = (): NonNullable<typeof key> => (key ??= provider.aead(new Uint8Array(32).fill(7)))
/** What nonces are made of. */
let sealedPackets = 0
const HEADER = 17
const NONCE = 12
const TAG = 16
const WINDOW = 4 * 1_048_576
/** As seldom as STT does where nothing is lost. */
const ACK_EVERY = 10

async function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 * 1_048_576, sendBufferSize: 8 * 1_048_576 })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** Sends `bytes` in datagrams of `size`, at most a window beyond what was acknowledged. */
function upload(socket: Socket, bytes: number, size: number, sealed: boolean): Promise<void> {
  const payload = new Uint8Array(sealed ? size - HEADER - NONCE - TAG : size)
  const datagrams = Math.ceil(bytes / payload.length)
  const window = Math.max(4, Math.floor(Math.min(WINDOW, 256 * size) / size))
  let sent = 0
  let acknowledged = 0
  return new Promise(resolve => {
    const pump = (): void => {
      while (sent < datagrams && sent - acknowledged < window) {
        socket.send(seal(payload, sealed))
        sent++
      }
    }
    socket.on('message', function onAck(ack) {
      acknowledged = decodeRequest(ack).amount
      if (acknowledged < datagrams) return pump()
      socket.off('message', onAck)
      resolve()
    })
    socket.send(encodeRequest(RequestKind.upload, datagrams))
    pump()
  })
}

function serveSocket(socket: Socket, sealed: boolean): void {
  let expected = 0
  let received = 0
  const acknowledge = ({ port, address }: RemoteInfo): void =>
    socket.send(encodeRequest(RequestKind.upload, received), port, address)
  socket.on('message', (data, remote) => {
    if (data.length === encodeRequest(0, 0).length) {
      expected = decodeRequest(data).amount
      received = 0
      return
    }
    const plain = open(data, sealed)
    if (plain.length === encodeRequest(0, 0).length) return socket.send(data, remote.port, remote.address)
    received++
    if (received % ACK_EVERY === 0 || received === expected) acknowledge(remote)
  })
}

/** Header, nonce, ciphertext, tag: what any sealed packet costs, with the header as associated data. */
function seal(payload: Uint8Array, sealed: boolean): Uint8Array {
  if (!sealed) return payload
  const packet = Buffer.allocUnsafe(HEADER + NONCE + payload.length + TAG)
  packet.writeUIntBE(sealedPackets++, HEADER + NONCE - 6, 6)
  const [ad, nonce] = [packet.subarray(0, HEADER), packet.subarray(HEADER, HEADER + NONCE)]
  keyOf().seal(nonce, ad, payload, packet, HEADER + NONCE)
  return packet
}

function open(packet: Buffer, sealed: boolean): Uint8Array {
  if (!sealed) return packet
  const [ad, nonce] = [packet.subarray(0, HEADER), packet.subarray(HEADER, HEADER + NONCE)]
  return keyOf().openToOwnBuffer(nonce, ad, packet.subarray(HEADER + NONCE))!
}

import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p, type Libp2p } from 'libp2p'
import { BLOCK_SIZE, decodeRequest, encodeRequest, REQUEST_SIZE, RequestKind, type Transport } from './protocol.ts'

type Stream = Awaited<ReturnType<Libp2p['dialProtocol']>>
type Address = Parameters<Libp2p['dialProtocol']>[0]

const PROTOCOL = '/bench/1'
const create = (listen: string[]): Promise<Libp2p> =>
  createLibp2p({
    addresses: { listen },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // Thousands of connections from one address are an attack everywhere but here.
    connectionManager: {
      maxConnections: 100_000,
      inboundConnectionThreshold: 1e6,
      maxIncomingPendingConnections: 1_000,
    },
  })

/** libp2p as it is put together for pages: WebSocket, Noise, yamux, one stream for each task. */
export const libp2p: Transport = {
  async serve() {
    const node = await create(['/ip4/127.0.0.1/tcp/0/ws'])
    await node.handle(PROTOCOL, stream => void answer(stream))
    return { address: node.getMultiaddrs()[0]!.toString(), close: async () => node.stop() }
  },
  async dial(text) {
    const { multiaddr } = await import('@multiformats/multiaddr')
    const address = multiaddr(text) as unknown as Address
    const node = await create([])
    const open = (): Promise<Stream> => node.dialProtocol(address, PROTOCOL)
    const pings = await open()
    pings.send(encodeRequest(RequestKind.ping, 0))
    const pongs = pings[Symbol.asyncIterator]()
    return {
      async upload(bytes) {
        const stream = await open()
        stream.send(encodeRequest(RequestKind.upload, bytes))
        await send(stream, bytes)
        for await (const _ of stream) break
        await stream.close()
      },
      async download(bytes) {
        const stream = await open()
        stream.send(encodeRequest(RequestKind.download, bytes))
        let left = bytes
        for await (const chunk of stream) {
          left -= chunk.byteLength
          if (left <= 0) break
        }
        await stream.close()
      },
      async ping() {
        pings.send(new Uint8Array(32))
        await pongs.next()
      },
      async connection() {
        const another = await create([])
        await another.dialProtocol(address, PROTOCOL)
        await another.stop()
      },
      async idle() {
        const another = await create([])
        await another.dialProtocol(address, PROTOCOL)
      },
      close: async () => node.stop(),
    }
  },
}

async function send(stream: Stream, bytes: number): Promise<void> {
  const block = new Uint8Array(BLOCK_SIZE)
  for (let left = bytes; left > 0; left -= block.length) {
    if (!stream.send(block.subarray(0, left))) await stream.onDrain()
  }
}

async function answer(stream: Stream): Promise<void> {
  let received = -REQUEST_SIZE
  let request: ReturnType<typeof decodeRequest> | undefined
  for await (const chunk of stream) {
    received += chunk.byteLength
    request ??= decodeRequest(chunk.subarray())
    if (request.kind === RequestKind.ping && received > 0) stream.send(chunk)
    if (request.kind === RequestKind.upload && received === request.amount) stream.send(new Uint8Array(1))
    if (request.kind === RequestKind.download) await send(stream, request.amount)
  }
}

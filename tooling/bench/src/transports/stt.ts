import { isSttError, type NodeOptions, Seed, type Session, STTNode, type Stream } from '@stt/node'
import { BLOCK_SIZE, decodeRequest, encodeRequest, REQUEST_SIZE, RequestKind, type Transport } from './protocol.ts'

/** Thousands of handshakes from one address are an attack everywhere but here. */
const limits = {
  handshakesPerSecond: 1e6,
  handshakesPerPrefix: 1e6,
  sessions: 20_000,
  sessionsPerPeer: 20_000,
  sessionsPerPrefix: 20_000,
}
const links = { maxLinks: 20_000, maxLinksPerAddress: 20_000 }
const seed = Seed.fromBytes(new Uint8Array(32).map((_, i) => i + 1))

/**
 * @param listen where; nowhere but at the relays of the options unless given
 * @param uploads over how many streams at once an upload goes
 */
export const stt = (listen: string | undefined, options: Options = {}, uploads = 1): Transport => ({
  async serve() {
    const listening = listen === undefined ? {} : { listen: [listen], ws: { limits: links } }
    const node = await STTNode.create({ seed, ...options, ...listening, limits })
    node.onSession(async session => {
      for await (const stream of session.streams()) {
        answer(stream).catch((error: unknown) => {
          // A program that has its answer leaves without a word on the stream.
          if (!isSttError(error, 'STT_CLOSED')) throw error
        })
      }
    })
    return { address: node.addresses[0]!, close: () => node.close() }
  },
  async dial(address) {
    const node = await STTNode.create({ seed, ...options, limits })
    const session = await node.connect(address)
    const pings = await session.openStream()
    await pings.write(encodeRequest(RequestKind.ping, 0))
    const pongs = pings[Symbol.asyncIterator]()
    const small = new Uint8Array(32)
    return {
      async upload(bytes) {
        await Promise.all(Array.from({ length: uploads }, () => upload(session, Math.floor(bytes / uploads))))
      },
      download: bytes => download(session, bytes),
      async ping() {
        await pings.write(small)
        await pongs.next()
      },
      async connection() {
        const another = await node.connect(address)
        await another.close()
      },
      async idle() {
        await node.connect(address)
      },
      async close() {
        await pings.end()
        await node.close()
      },
    }
  },
})

type Options = Pick<NodeOptions, 'udp' | 'provider' | 'relays' | 'paths'>

async function upload(session: Session, bytes: number): Promise<void> {
  const stream = await session.openStream()
  await stream.write(encodeRequest(RequestKind.upload, bytes))
  await send(stream, bytes)
  for await (const _ of stream) {
    // One byte says that all of it arrived.
  }
}

async function download(session: Session, bytes: number): Promise<void> {
  const stream = await session.openStream()
  await stream.write(encodeRequest(RequestKind.download, bytes))
  await stream.end()
  let received = 0
  for await (const chunk of stream) received += chunk.length
  if (received !== bytes) throw new Error(`${received} bytes came, not ${bytes}`)
}

async function send(stream: Stream, bytes: number): Promise<void> {
  const block = new Uint8Array(BLOCK_SIZE)
  for (let left = bytes; left > 0; left -= block.length) await stream.write(block.subarray(0, left))
  await stream.end()
}

async function answer(stream: Stream): Promise<void> {
  let received = -REQUEST_SIZE
  let request: ReturnType<typeof decodeRequest> | undefined
  for await (const chunk of stream) {
    received += chunk.length
    request ??= decodeRequest(chunk)
    if (request.kind === RequestKind.ping && received > 0) await stream.write(chunk)
  }
  if (request?.kind === RequestKind.ping) return stream.end()
  if (request?.kind === RequestKind.download) return send(stream, request.amount)
  if (request?.amount !== received) throw new Error(`${received} bytes came, not ${request?.amount}`)
  await stream.write(new Uint8Array(1))
  await stream.end()
}

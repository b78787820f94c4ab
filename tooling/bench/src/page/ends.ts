import { once } from 'node:events'
import { Seed, STTNode, type Stream } from '@stt/node'
import { type WebSocket, WebSocketServer } from 'ws'
import { BARE_PIECE, REQUEST_LENGTH, readRequest } from './request.ts'

/** The other ends of what a page measures, in this process. */
export interface Ends {
  readonly address: string
  readonly seed: string
  /** Of the bare WebSocket. */
  readonly url: string
  close(): Promise<void>
}

export async function openEnds(): Promise<Ends> {
  const seed = Seed.generate()
  const node = await STTNode.create({
    seed,
    listen: ['ws://127.0.0.1:0'],
    limits: { maxStreamWindow: 4 * 1_048_576 },
  })
  node.onSession(async session => {
    for await (const stream of session.streams()) await answer(stream)
  })
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await once(server, 'listening')
  server.on('connection', socket => answerBare(socket))
  const { port } = server.address() as { port: number }
  return {
    address: node.addresses[0]!,
    seed: seed.toHex(),
    url: `ws://127.0.0.1:${port}`,
    async close() {
      await node.close()
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}

async function answer(stream: Stream): Promise<void> {
  let received = 0
  let request: ReturnType<typeof readRequest> | undefined
  for await (const chunk of stream) {
    // It is written before all else, and fits into the first packet.
    request ??= readRequest(chunk)
    received += chunk.length
  }
  const { direction, size } = request!
  if (direction === 'down') for (const piece of pieces(size)) await stream.write(piece)
  else if (received === REQUEST_LENGTH + size) await stream.write(new Uint8Array(1))
  await stream.end()
}

function answerBare(socket: WebSocket): void {
  let left: number | undefined
  socket.on('message', async (data: Buffer) => {
    if (left !== undefined) {
      left -= data.length
      if (left === 0) socket.send(new Uint8Array(1))
      return
    }
    const { direction, size } = readRequest(data)
    left = size
    if (direction === 'up') return
    for (const piece of pieces(size)) {
      await new Promise<void>((resolve, reject) => socket.send(piece, error => (error ? reject(error) : resolve())))
    }
  })
}

function* pieces(size: number): Generator<Uint8Array> {
  const piece = new Uint8Array(BARE_PIECE).fill(7)
  for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, left)
}

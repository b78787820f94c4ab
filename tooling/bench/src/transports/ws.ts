import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { BLOCK_SIZE, decodeRequest, encodeRequest, RequestKind, type Transport } from './protocol.ts'

/** The `ws` package, in plaintext: 64 KiB messages, no compression, its own backpressure. */
export const ws: Transport = {
  async serve() {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
    await once(server, 'listening')
    server.on('connection', serveConnection)
    const { port } = server.address() as AddressInfo
    return { address: `ws://127.0.0.1:${port}`, close: () => new Promise(resolve => server.close(() => resolve())) }
  },
  async dial(address) {
    const socket = await opened(address)
    const small = new Uint8Array(32)
    return {
      async upload(bytes) {
        socket.send(encodeRequest(RequestKind.upload, bytes))
        await send(socket, bytes)
        await once(socket, 'message')
      },
      async download(bytes) {
        socket.send(encodeRequest(RequestKind.download, bytes))
        await receive(socket, bytes)
      },
      async ping() {
        socket.send(small)
        await once(socket, 'message')
      },
      async connection() {
        await closed(await opened(address))
      },
      close: () => closed(socket),
    }
  },
}

async function opened(address: string): Promise<WebSocket> {
  const socket = new WebSocket(address, { perMessageDeflate: false })
  await once(socket, 'open')
  return socket
}

async function closed(socket: WebSocket): Promise<void> {
  socket.close()
  await once(socket, 'close')
}

function serveConnection(socket: WebSocket): void {
  let left = 0
  socket.on('message', (data: Buffer) => {
    if (left > 0) {
      left -= data.length
      if (left === 0) socket.send(new Uint8Array(1))
      return
    }
    if (data.length === 32) {
      socket.send(data)
      return
    }
    const { kind, amount } = decodeRequest(data)
    if (kind === RequestKind.upload) left = amount
    else void send(socket, amount)
  })
}

async function send(socket: WebSocket, bytes: number): Promise<void> {
  const block = new Uint8Array(BLOCK_SIZE)
  for (let left = bytes; left > 0; left -= block.length) {
    const sent = new Promise<void>((resolve, reject) =>
      socket.send(block.subarray(0, left), error => (error ? reject(error) : resolve())),
    )
    if (socket.bufferedAmount > HIGH_WATER) await sent
  }
}

function receive(socket: WebSocket, bytes: number): Promise<void> {
  let left = bytes
  return new Promise(resolve => {
    socket.on('message', function onMessage(data: Buffer) {
      left -= data.length
      if (left > 0) return
      socket.off('message', onMessage)
      resolve()
    })
  })
}

const HIGH_WATER = 1_048_576

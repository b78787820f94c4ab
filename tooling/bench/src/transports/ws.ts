import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { addressOf, clientOptions, makeCertificate } from './certificate.ts'
import { BLOCK_SIZE, decodeRequest, encodeRequest, RequestKind, type Transport } from './protocol.ts'

/** The `ws` package in its own settings, without compression: 64 KiB messages, its own backpressure; `wss` is the same over TLS. */
export const ws = (secure = false): Transport => ({
  async serve() {
    const certificate = secure ? await makeCertificate('ec') : undefined
    const http = certificate ? createHttpsServer(certificate) : createHttpServer()
    const server = new WebSocketServer({ server: http, perMessageDeflate: false })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    server.on('connection', serveConnection)
    const { port } = http.address() as AddressInfo
    return {
      address: certificate ? addressOf(port, certificate) : String(port),
      async close() {
        server.close()
        await new Promise(resolve => http.close(resolve))
      },
    }
  },
  async dial(address) {
    const open = (): Promise<WebSocket> => opened(address, secure)
    const socket = await open()
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
        await closed(await open())
      },
      async idle() {
        await open()
      },
      close: () => closed(socket),
    }
  },
})

async function opened(address: string, secure: boolean): Promise<WebSocket> {
  const options = { perMessageDeflate: false }
  const socket = secure
    ? new WebSocket(`wss://127.0.0.1:${clientOptions(address).port}`, { ...options, ...tlsOptions(address) })
    : new WebSocket(`ws://127.0.0.1:${address}`, options)
  await once(socket, 'open')
  return socket
}

function tlsOptions(address: string): { ca: string; servername: string } {
  const { ca, servername } = clientOptions(address)
  return { ca, servername }
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

import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:tls'
import { generate } from 'selfsigned'
import { BLOCK_SIZE, decodeRequest, encodeRequest, REQUEST_SIZE, RequestKind, type Transport } from './protocol.ts'

/** TLS 1.3 as Node has it, with a certificate made on the spot. */
export const tls: Transport = {
  async serve() {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      algorithm: 'sha256',
      keyType: 'ec',
    })
    const server = createServer({ key, cert, minVersion: 'TLSv1.3' }, serveConnection)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { address: String(port), close: () => new Promise(resolve => server.close(() => resolve())) }
  },
  async dial(address) {
    const socket = await opened(address)
    const small = encodeRequest(RequestKind.ping, 0)
    return {
      async upload(bytes) {
        socket.write(encodeRequest(RequestKind.upload, bytes))
        await send(socket, bytes)
        await once(socket, 'data')
      },
      async download(bytes) {
        socket.write(encodeRequest(RequestKind.download, bytes))
        await receive(socket, bytes)
      },
      async ping() {
        socket.write(small)
        await once(socket, 'data')
      },
      async connection() {
        await closed(await opened(address))
      },
      close: () => closed(socket),
    }
  },
}

async function opened(address: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(address), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  socket.setNoDelay(true)
  return socket
}

async function closed(socket: Socket): Promise<void> {
  socket.end()
  await once(socket, 'close')
}

function serveConnection(socket: Socket): void {
  let left = 0
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', data => {
    let rest: Uint8Array = data
    while (rest.length > 0) {
      if (left > 0) {
        const taken = Math.min(left, rest.length)
        left -= taken
        rest = rest.subarray(taken)
        if (left === 0) socket.write(new Uint8Array(1))
        continue
      }
      const { kind, amount } = decodeRequest(rest)
      rest = rest.subarray(REQUEST_SIZE)
      if (kind === RequestKind.upload) left = amount
      else if (kind === RequestKind.download) void send(socket, amount)
      else socket.write(new Uint8Array(1))
    }
  })
}

async function send(socket: Socket, bytes: number): Promise<void> {
  const block = new Uint8Array(BLOCK_SIZE)
  for (let left = bytes; left > 0; left -= block.length) {
    if (!socket.write(block.subarray(0, left))) await once(socket, 'drain')
  }
}

function receive(socket: Socket, bytes: number): Promise<void> {
  let left = bytes
  return new Promise(resolve => {
    socket.on('data', function onData(data: Uint8Array) {
      left -= data.length
      if (left > 0) return
      socket.off('data', onData)
      resolve()
    })
  })
}

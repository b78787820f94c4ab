import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:tls'
import { generate } from 'selfsigned'
import { dialedStream, serveStream } from './byte-stream.ts'
import type { Transport } from './protocol.ts'

/** TLS 1.3 as Node has it, with a certificate made on the spot: of a P-256 key, or of RSA with 2,048 bits. */
export const tls = (keyType: 'ec' | 'rsa'): Transport => ({
  async serve() {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      algorithm: 'sha256',
      keyType,
    })
    const server = createServer({ key, cert, minVersion: 'TLSv1.3' }, socket => {
      socket.setNoDelay(true)
      serveStream(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { address: String(port), close: () => new Promise(resolve => server.close(() => resolve())) }
  },
  async dial(address) {
    return dialedStream(await opened(address), () => opened(address))
  },
})

async function opened(address: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: Number(address), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  socket.setNoDelay(true)
  return socket
}

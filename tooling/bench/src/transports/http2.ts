import { once } from 'node:events'
import { type ClientHttp2Stream, connect, createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { dialedStream, serveStream } from './byte-stream.ts'
import { addressOf, clientOptions, makeCertificate, SERVER_NAME } from './certificate.ts'
import type { Transport } from './protocol.ts'

/** HTTP/2 over TLS: one request whose body and answer are the two directions, with windows of 8 MiB instead of 64 KiB. */
export const http2: Transport = {
  async serve() {
    const certificate = await makeCertificate('ec')
    const server = createSecureServer({ ...certificate, settings: { initialWindowSize: WINDOW } })
    server.on('session', session => session.setLocalWindowSize(WINDOW))
    server.on('stream', stream => {
      stream.respond()
      serveStream(stream)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { address: addressOf(port, certificate), close: () => new Promise(resolve => server.close(() => resolve())) }
  },
  dial: async address => dialedStream(await opened(address), () => opened(address)),
}

async function opened(address: string): Promise<ClientHttp2Stream> {
  const { port, ca } = clientOptions(address)
  const session = connect(`https://${SERVER_NAME}:${port}`, { ca, settings: { initialWindowSize: WINDOW } })
  await once(session, 'connect')
  session.setLocalWindowSize(WINDOW)
  const stream = session.request({ ':method': 'POST' })
  stream.once('close', () => session.close())
  return stream
}

const WINDOW = 8 * 1_048_576

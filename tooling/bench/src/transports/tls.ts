import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { dialedStream, serveStream } from './byte-stream.ts'
import { addressOf, type Certificate, clientOptions, makeCertificate } from './certificate.ts'
import type { Transport } from './protocol.ts'

export interface TlsOptions {
  readonly keyType: 'ec' | 'rsa'
  /** Whether the client shows a certificate too, as both ends of STT prove who they are; both live in one process then. */
  readonly mutual?: boolean
}

/** TLS 1.3 as Node has it; the client verifies the server's certificate. */
export const tls = ({ keyType, mutual = false }: TlsOptions): Transport => {
  let own: Certificate | undefined
  const open = async (address: string): Promise<TLSSocket> => {
    const socket = connect({ ...clientOptions(address), ...own })
    await once(socket, 'secureConnect')
    socket.setNoDelay(true)
    return socket
  }
  return {
    async serve() {
      const certificate = await makeCertificate(keyType)
      if (mutual) own = await makeCertificate(keyType)
      const server = createServer(
        { ...certificate, minVersion: 'TLSv1.3', ...(own && { requestCert: true, ca: own.cert }) },
        socket => {
          socket.setNoDelay(true)
          serveStream(socket)
        },
      )
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      return {
        address: addressOf(port, certificate),
        close: () => new Promise(resolve => server.close(() => resolve())),
      }
    },
    dial: async address => dialedStream(await open(address), () => open(address)),
  }
}

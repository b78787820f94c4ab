import type { Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'
import { type SecureContextOptions, Server as TlsServer } from 'node:tls'

/** Certificate and key of a server that speaks TLS itself. */
export interface TlsOptions {
  /** The certificate, or a chain that begins with it: PEM, as text or bytes. */
  readonly cert: NonNullable<SecureContextOptions['cert']>
  /** The key of the certificate: PEM, as text or bytes. */
  readonly key: NonNullable<SecureContextOptions['key']>
}

/** Whether a server speaks TLS on its port. */
export const isSecureServer = (server: unknown): server is TlsServer => server instanceof TlsServer

/** Called for each connection to a TLS server. */
export interface TlsConnections {
  /** TCP is connected; the TLS handshake has not begun. */
  onConnection(raw: Socket): void
  /** The TLS handshake is done: HTTP uses `socket` from now on. */
  onSecure(socket: Socket, raw: Socket): void
}

/**
 * Finds the TCP connection below each TLS socket of a server. That connection came first and has a place, even while its
 * TLS handshake takes long.
 */
export class TlsSockets {
  readonly #open = new Map<string, Socket>()

  constructor(server: HttpServer, { onConnection, onSecure }: TlsConnections) {
    server.on('connection', (raw: Socket) => {
      const key = keyOf(raw)
      this.#open.set(key, raw)
      raw.once('close', () => this.#open.delete(key))
      onConnection(raw)
    })
    server.on('secureConnection', (socket: Socket) => {
      const raw = this.#open.get(keyOf(socket))
      if (raw) onSecure(socket, raw)
      // The TCP connection ended in between.
      else socket.destroy()
    })
  }

  /** Ends every connection, with or without TLS. */
  destroyAll(): void {
    for (const raw of this.#open.values()) raw.destroy()
  }
}

/** A key that no two open connections of one server share. */
const keyOf = ({ localAddress, remoteAddress, remotePort }: Socket): string =>
  `${localAddress} ${remoteAddress} ${remotePort}`

import type { Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'
import { type SecureContextOptions, Server as TlsServer } from 'node:tls'

/** The certificate of a server that speaks TLS itself, and its key: PEM, as text or bytes. */
export interface TlsOptions {
  readonly cert: NonNullable<SecureContextOptions['cert']>
  readonly key: NonNullable<SecureContextOptions['key']>
}

/** Whether a server speaks TLS on its port. */
export const isSecureServer = (server: unknown): server is TlsServer => server instanceof TlsServer

/** What becomes of a connection to a TLS server. */
export interface TlsConnections {
  /** TCP stands; nothing was said in TLS yet. */
  onConnection(raw: Socket): void
  /** TLS stands on it: `socket` is what HTTP will name from now on. */
  onSecure(socket: Socket, raw: Socket): void
}

/**
 * Finds the connection below each TLS socket of a server: that one was there first and has a place, also while the
 * other end takes its time for the handshake of TLS.
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
      // It has ended between the two.
      else socket.destroy()
    })
  }

  /** Ends every connection, whether TLS stands on it or not. */
  destroyAll(): void {
    for (const raw of this.#open.values()) raw.destroy()
  }
}

/** What no two connections of one server have in common at a time. */
const keyOf = ({ localAddress, remoteAddress, remotePort }: Socket): string =>
  `${localAddress} ${remoteAddress} ${remotePort}`

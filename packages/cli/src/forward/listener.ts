import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { CliError, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { SOCKET_OPTIONS } from './serve-stream.ts'
import { type Forwarding, formatTarget } from './target.ts'

/** A TCP port of this machine, whose connections are for another. */
export class Listener {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** @throws CliError where the port cannot be had */
  static async open({ bind, port }: Forwarding, onConnection: (socket: Socket) => void): Promise<Listener> {
    // Nothing is read before there is a stream for it.
    const server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true })
    server.maxConnections = MAX_CONNECTIONS
    try {
      await once(server.listen({ host: bind, port }), 'listening')
    } catch (cause) {
      const where = formatTarget({ host: bind, port })
      throw new CliError(
        ExitCode.failed,
        `cannot listen at ${where}: ${reasonOf(cause)}; give another port: 0:HOST:PORT takes any that is free`,
        { cause },
      )
    }
    const listener = new Listener(server)
    server.on('connection', socket => {
      listener.#sockets.add(socket)
      // Who reads and writes it is told.
      socket.on('error', () => {})
      socket.once('close', () => listener.#sockets.delete(socket))
      onConnection(socket)
    })
    return listener
  }

  /** `127.0.0.1:8080`. */
  get address(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return formatTarget({ host: address, port })
  }

  /** Takes no more, and resets what there is. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }
}

/** At once, those that wait for a session included. */
const MAX_CONNECTIONS = 1_024

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { CliError, reasonOf } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import { SOCKET_OPTIONS } from './serve-stream.ts'
import { type Forwarding, formatTarget } from './target.ts'

/** A TCP port of this machine whose connections go to the other one. */
export class Listener {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** Rejects with a CliError if the port cannot be bound. */
  static async open({ bind, port }: Forwarding, onConnection: (socket: Socket) => void): Promise<Listener> {
    // A connection is not read before there is a stream for it.
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
      // The reader and writer of the socket handle its error.
      socket.on('error', () => {})
      socket.once('close', () => listener.#sockets.delete(socket))
      onConnection(socket)
    })
    return listener
  }

  /** The bound address, such as `127.0.0.1:8080`. */
  get address(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return formatTarget({ host: address, port })
  }

  /** Stops listening and resets all connections. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.resetAndDestroy()
    await closed
  }
}

/** The most connections at once, including those that wait for a session. */
const MAX_CONNECTIONS = 1_024

import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { SttError } from '@stt/errors'
import { decodeBind, encodeBound } from '@stt/rendezvous/server'

/** Two UDP ports that answer each question with the address that it came from, and send no other datagram. */
export class AddressAnswers {
  readonly #sockets: readonly Socket[]
  #answered = 0

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets
    for (const socket of sockets) {
      socket.on('message', (datagram, { address, port }) => {
        const nonce = decodeBind(datagram)
        if (!nonce) return
        this.#answered++
        // spec: STT-RLY-24
        // An answer that cannot be sent is lost, as any datagram may be.
        socket.send(encodeBound(nonce, { source: 'observed', address, port }), port, address, () => {})
      })
      // The error is about one datagram, such as an ICMP error that came back; the socket goes on.
      socket.on('error', () => {})
    }
  }

  /** @param host the IP address to bind. Rejects with `STT_ADDRESS_IN_USE` or `STT_LISTEN_FAILED` */
  static async open(host: string, ports: readonly [number, number]): Promise<AddressAnswers> {
    const sockets: Socket[] = []
    try {
      for (const port of ports) sockets.push(await bind(host, port))
      return new AddressAnswers(sockets)
    } catch (error) {
      for (const socket of sockets) socket.close()
      throw error
    }
  }

  /** The ports that are bound. */
  get ports(): readonly [number, number] {
    const [first, second] = this.#sockets.map(socket => socket.address().port)
    return [first!, second!]
  }

  /** Questions answered so far. */
  get answered(): number {
    return this.#answered
  }

  close(): void {
    for (const socket of this.#sockets) socket.close()
  }
}

function bind(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      socket.close()
      const code = cause.code === 'EADDRINUSE' ? 'STT_ADDRESS_IN_USE' : 'STT_LISTEN_FAILED'
      const message = `could not bind UDP port ${port}: ${cause.message}; choose others with udpPorts, or false for none`
      reject(new SttError(code, message, { cause }))
    })
    socket.bind(port, host, () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Stands before a receiver and counts what goes to it; the receiver behind it may be another one later. */
export class CountingProxy {
  readonly address: string
  #port: number
  #bytes = 0
  readonly #sockets: Set<Socket>

  private constructor(port: number, target: number, sockets: Set<Socket>) {
    this.address = `ws://127.0.0.1:${port}`
    this.#port = target
    this.#sockets = sockets
  }

  static async before(address: string): Promise<CountingProxy> {
    const sockets = new Set<Socket>()
    const server = createServer(near => {
      const far = connect(proxy.#port, '127.0.0.1')
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one)
        one.on('error', () => other.destroy()).on('close', () => other.destroy())
        one.pipe(other)
      }
      near.on('data', chunk => {
        proxy.#bytes += chunk.length
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      for (const socket of sockets) socket.destroy()
    })
    const proxy = new CountingProxy((server.address() as AddressInfo).port, Number(new URL(address).port), sockets)
    return proxy
  }

  leadTo(address: string): void {
    this.#port = Number(new URL(address).port)
  }

  /** Breaks off every connection that goes through; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }

  get bytes(): number {
    return this.#bytes
  }
}

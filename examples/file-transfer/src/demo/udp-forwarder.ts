import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** Hands datagrams on between any sender and one address, like a router, until it is cut. */
export class UdpForwarder {
  readonly #near: Socket
  readonly #target: URL
  /** For each sender the socket whose port stands for it at the target. */
  readonly #far = new Map<string, Socket>()
  #isCut = false

  private constructor(near: Socket, target: URL) {
    this.#near = near
    this.#target = target
    near.on('message', (datagram, { address, port }) => {
      const far = this.#far.get(`${address}:${port}`) ?? this.#open(address, port)
      if (!this.#isCut) far.send(datagram, Number(target.port), target.hostname)
    })
  }

  /** @param address where it hands on to: `udp://127.0.0.1:4433` */
  static async to(address: string): Promise<UdpForwarder> {
    const target = new URL(address)
    const near = createSocket(OPTIONS).bind(0, target.hostname)
    await once(near, 'listening')
    return new UdpForwarder(near, target)
  }

  /** The address that stands for the target. */
  get address(): string {
    return `udp://${this.#target.hostname}:${this.#near.address().port}`
  }

  /** From now on it drops every datagram silently. */
  cut(): void {
    this.#isCut = true
  }

  /** From now on all passes again. */
  mend(): void {
    this.#isCut = false
  }

  close(): void {
    for (const socket of [this.#near, ...this.#far.values()]) socket.close()
  }

  #open(address: string, port: number): Socket {
    const far = createSocket(OPTIONS)
    far.on('message', datagram => {
      if (!this.#isCut) this.#near.send(datagram, port, address)
    })
    this.#far.set(`${address}:${port}`, far)
    return far
  }
}

/** As much as the nodes themselves ask for: what the forwarder cannot take in time is lost. */
const BUFFER = 4 * 1024 * 1024
const OPTIONS = { type: 'udp4', recvBufferSize: BUFFER, sendBufferSize: BUFFER } as const

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { SttError } from '@stt/errors'
import { MDNS_PORT } from './lan-agent.ts'
import type { LanInterface } from './lan-interfaces.ts'

export interface MulticastSocketHandlers {
  onPacket(bytes: Uint8Array, from: RemoteInfo): void
  /** It works no more: its interface is gone, most likely. It has been closed. */
  onFailed(cause: unknown): void
}

/**
 * One socket for mDNS on one address of one interface. Each call to the system may fail when an interface comes or goes: what
 * fails closes the socket and is told, and nothing is thrown where nobody could catch it.
 */
export class MulticastSocket {
  /** Whether it hears what is asked of all: not where another program has the port for itself. */
  readonly isShared: boolean
  readonly #socket: Socket
  readonly #group: string
  readonly #onFailed: (cause: unknown) => void
  #isClosed = false

  private constructor(
    socket: Socket,
    where: LanInterface,
    isShared: boolean,
    { onPacket, onFailed }: MulticastSocketHandlers,
  ) {
    this.#socket = socket
    this.isShared = isShared
    this.#group = groupOf(where)
    this.#onFailed = onFailed
    socket.removeAllListeners('error')
    socket.on('error', cause => this.#fail(cause))
    socket.on('message', (bytes, from) => onPacket(bytes, from))
  }

  /**
   * On the port of mDNS, beside others that share it; on a free one where it is not to be had.
   *
   * Rejects with `STT_LISTEN_FAILED` where the interface takes neither.
   */
  static async open(where: LanInterface, handlers: MulticastSocketHandlers): Promise<MulticastSocket> {
    try {
      return await MulticastSocket.#bind(where, MDNS_PORT, handlers)
    } catch {
      // Another program holds it for itself, or this one may not: then it asks only. spec: STT-LAN-8
    }
    try {
      return await MulticastSocket.#bind(where, 0, handlers)
    } catch (cause) {
      throw new SttError('STT_LISTEN_FAILED', `mDNS cannot be used on ${where.name} (${where.address})`, { cause })
    }
  }

  static #bind(where: LanInterface, port: number, handlers: MulticastSocketHandlers): Promise<MulticastSocket> {
    const isIpv6 = where.family === 6
    const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', reuseAddr: port !== 0, ipv6Only: isIpv6 })
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void => {
        socket.close()
        reject(cause)
      }
      socket.once('error', fail)
      socket.bind({ port, exclusive: true }, () => {
        try {
          // For a zone that it does not know the system takes any interface.
          if (!isThere(where)) throw new Error(`${where.name} does not have ${where.address} any more`)
          const own = isIpv6 ? `::%${where.zone}` : where.address
          if (port !== 0) socket.addMembership(isIpv6 ? GROUP_IPV6 : GROUP_IPV4, own)
          socket.setMulticastInterface(own)
          socket.setMulticastTTL(HOPS)
          socket.setMulticastLoopback(true)
          // Nobody's program goes on only to be found.
          socket.unref()
          resolve(new MulticastSocket(socket, where, port !== 0, handlers))
        } catch (cause) {
          fail(cause)
        }
      })
    })
  }

  send(packet: Uint8Array, to: 'group' | { readonly address: string; readonly port: number }): void {
    if (this.#isClosed) return
    const [port, address] = to === 'group' ? [MDNS_PORT, this.#group] : [to.port, to.address]
    try {
      this.#socket.send(packet, port, address, cause => {
        // Whom a single answer does not reach has gone; an interface that takes nothing for all is of no use.
        if (cause && to === 'group') this.#fail(cause)
      })
    } catch (cause) {
      this.#fail(cause)
    }
  }

  /** Resolves when what was sent has left and the port is free. */
  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#isClosed = true
    // Behind what was handed to the system in this turn.
    return new Promise(resolve => setImmediate(() => this.#socket.close(() => resolve())))
  }

  #fail(cause: unknown): void {
    if (this.#isClosed) return
    void this.close()
    this.#onFailed(cause)
  }
}

const isThere = ({ name, address }: LanInterface): boolean =>
  networkInterfaces()[name]?.some(each => each.address === address) === true

const groupOf = ({ family, zone }: LanInterface): string => (family === 6 ? `${GROUP_IPV6}%${zone}` : GROUP_IPV4)

const GROUP_IPV4 = '224.0.0.251'
const GROUP_IPV6 = 'ff02::fb'
/** RFC 6762 §11. */
const HOPS = 255

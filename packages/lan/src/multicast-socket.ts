import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { SttError } from '@stt/errors'
import { MDNS_PORT } from './lan-agent.ts'
import type { LanInterface } from './lan-interfaces.ts'

export interface MulticastSocketHandlers {
  /** Called with each packet and its source. */
  onPacket(bytes: Uint8Array, from: RemoteInfo): void
  /** Called when the socket has failed and was closed; most likely its interface is gone. */
  onFailed(cause: unknown): void
}

/**
 * One mDNS socket on one address of one interface. Any system call may fail when an interface comes or goes. A failure closes the
 * socket and goes to `onFailed`; it is never thrown outside of a caller's reach.
 */
export class MulticastSocket {
  /** Whether it shares the mDNS port, and so receives questions to the group. */
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
   * Opens a socket on the mDNS port, shared with other programs; on any free port if the mDNS port cannot be shared.
   *
   * Rejects with `STT_LISTEN_FAILED` if neither works on the interface.
   */
  static async open(where: LanInterface, handlers: MulticastSocketHandlers): Promise<MulticastSocket> {
    try {
      return await MulticastSocket.#bind(where, MDNS_PORT, handlers)
    } catch {
      // Another program holds the port exclusively, or this one lacks the permission: then it only asks. spec: STT-LAN-8
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
          // For an unknown zone the system would use any interface.
          if (!isThere(where)) throw new Error(`${where.name} does not have ${where.address} any more`)
          const own = isIpv6 ? `::%${where.zone}` : where.address
          if (port !== 0) socket.addMembership(isIpv6 ? GROUP_IPV6 : GROUP_IPV4, own)
          socket.setMulticastInterface(own)
          socket.setMulticastTTL(HOPS)
          socket.setMulticastLoopback(true)
          // Being found is no reason to keep a program running.
          socket.unref()
          resolve(new MulticastSocket(socket, where, port !== 0, handlers))
        } catch (cause) {
          fail(cause)
        }
      })
    })
  }

  /** Sends a packet; a failure of the system closes the socket. */
  send(packet: Uint8Array, to: 'group' | { readonly address: string; readonly port: number }): void {
    if (this.#isClosed) return
    const [port, address] = to === 'group' ? [MDNS_PORT, this.#group] : [to.port, to.address]
    try {
      this.#socket.send(packet, port, address, cause => {
        // An answer to a single node that fails is a lost answer. An interface that cannot send to the group is of no use.
        if (cause && to === 'group') this.#fail(cause)
      })
    } catch (cause) {
      this.#fail(cause)
    }
  }

  /** Closes the socket. Resolves when the sent packets have left and the port is free. */
  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve()
    this.#isClosed = true
    // After the packets that were handed to the system in this turn.
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

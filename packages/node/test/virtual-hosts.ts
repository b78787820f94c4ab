import { type Candidate, type Link, type LossRecovery, parseIpAddress } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import { decodeBind, encodeBound } from '@stt/rendezvous/server'
import { punchHoles } from '@stt/session'
import type { Endpoint, VirtualDatagram, VirtualInternet, VirtualNetwork } from '@stt/testing'
import type { OwnAddress } from '../src/addresses/own-addresses.ts'
import type { PunchSocket } from '../src/punch/punch-socket.ts'
import { Puncher } from '../src/punch/puncher.ts'
import type { PunchingPlatform } from '../src/punch/punching-platform.ts'

/** A machine in a virtual network. */
export class VirtualHost {
  readonly address: string
  readonly #network: VirtualNetwork
  readonly #sockets = new Map<number, (datagram: VirtualDatagram) => void>()
  #nextPort: number
  /** Further addresses that it believes to have. */
  readonly claimed: string[] = []

  constructor(network: VirtualNetwork, address: string, firstPort: number) {
    this.address = address
    this.#network = network
    this.#nextPort = firstPort
    network.join(address, datagram => this.#sockets.get(datagram.to.port)?.(datagram))
  }

  /** What nodes on this machine punch holes with. */
  get punching(): PunchingPlatform {
    return {
      plugin: punchHoles,
      createPuncher: config =>
        new Puncher({
          ...config,
          ownAddresses: () => [this.address, ...this.claimed].map(ownAddress),
          openSocket: async () => this.#open(),
        }),
    }
  }

  #open(): PunchSocket {
    const port = this.#nextPort++
    const from: Endpoint = { address: this.address, port }
    const linkTo = (to: Endpoint, isShort: boolean): Link =>
      new VirtualUdpLink(to, bytes => this.#network.send({ from, to, bytes, isShort }))
    const socket: PunchSocket = {
      port,
      onPacket: () => {},
      link: to => linkTo(to, false),
      opener: to => linkTo(to, true),
      close: async () => void this.#sockets.delete(port),
    }
    this.#sockets.set(port, ({ bytes, from: source }) => socket.onPacket(bytes, linkTo(source, false)))
    return socket
  }
}

const ownAddress = (address: string): OwnAddress => ({
  interfaceName: 'eth0',
  address,
  ip: parseIpAddress(address)!,
  prefixLength: 120,
  isTunnel: false,
})

/** Answers whoever asks where he comes from. */
export function answerBinds(internet: VirtualInternet, at: Endpoint): void {
  internet.join(at.address, ({ from, to, bytes }) => {
    const nonce = decodeBind(bytes)
    const observed: Candidate = { source: 'observed', ...from }
    if (nonce) internet.send({ from: to, to: from, bytes: encodeBound(nonce, observed), isShort: false })
  })
}

class VirtualUdpLink implements Link {
  readonly lossy = true
  readonly ordered = false
  readonly maxPacketSize = 1_200
  readonly remote: string
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  readonly #send: (bytes: Uint8Array) => void

  constructor({ address, port }: Endpoint, send: (bytes: Uint8Array) => void) {
    this.remote = `udp://${address}:${port}`
    this.#send = send
  }

  isSame(other: Link): boolean {
    return other instanceof VirtualUdpLink && other.remote === this.remote
  }

  createRecovery(): LossRecovery {
    return createLossRecovery({ maxDatagramSize: this.maxPacketSize })
  }

  send(packet: Uint8Array): boolean {
    this.#send(packet.slice())
    return true
  }

  close(): void {}
}

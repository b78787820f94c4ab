import type { Link, LossRecovery } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import { parseUdpUrl, type UdpLink, type UdpListener, type UdpRemote } from '@stt/transport-udp'

/** Server ends of a virtual network as one listener: each end is an address. */
export interface VirtualListener extends UdpListener {
  /** From now on what arrives at `end` arrives here, as from its `remote`. */
  add(end: Link): void
  /** Addresses that a link is kept for. */
  readonly linked: readonly string[]
}

/** @param basePacketSize bytes that every path carries; the ends' own size unless given */
export function virtualListener(first: Link, basePacketSize: number = first.maxPacketSize): VirtualListener {
  const ends = new Map<string, Link>()
  const links = new Map<string, VirtualUdpLink>()
  const keyOf = ({ address, port }: UdpRemote): string => `udp://${address}:${port}`
  const listener: VirtualListener = {
    address: 'udp://10.0.0.1:4433',
    onDatagram: () => {},
    get linked() {
      return [...links.keys()]
    },
    add(end) {
      const { host, port } = parseUdpUrl(end.remote)
      ends.set(end.remote, end)
      end.onPacket = packet => {
        const link = links.get(end.remote)
        if (link) link.onPacket(packet)
        else listener.onDatagram(packet, { address: host, port })
      }
      end.onDrain = () => links.get(end.remote)?.onDrain()
    },
    send: (packet, remote) => ends.get(keyOf(remote))!.send(packet),
    link(remote) {
      const key = keyOf(remote)
      const link = links.get(key) ?? new VirtualUdpLink(ends.get(key)!, basePacketSize, () => links.delete(key))
      links.set(key, link)
      return link
    },
    async close() {
      for (const end of ends.values()) end.close()
    },
    getStatistics() {
      throw new Error('a virtual listener keeps no statistics')
    },
  }
  listener.add(first)
  return listener
}

class VirtualUdpLink implements UdpLink {
  readonly lossy = true
  readonly ordered = false
  readonly local = 'udp://10.0.0.1:4433'
  readonly basePacketSize: number
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  readonly #end: Link
  readonly #release: () => void

  constructor(end: Link, basePacketSize: number, release: () => void) {
    this.#end = end
    this.basePacketSize = basePacketSize
    this.#release = release
  }

  get remote(): string {
    return this.#end.remote
  }

  get maxPacketSize(): number {
    return this.#end.maxPacketSize
  }

  createRecovery(): LossRecovery {
    return createLossRecovery({ maxDatagramSize: this.basePacketSize, probeUpTo: this.maxPacketSize })
  }

  send(packet: Uint8Array): boolean {
    return this.#end.send(packet)
  }

  close(): void {
    this.#release()
  }

  getStatistics(): never {
    throw new Error('a virtual link keeps no statistics')
  }
}

import type { Link, LossRecovery } from '@stt/frame'
import { createLossRecovery } from '@stt/recovery'
import type { UdpLink, UdpListener } from '@stt/transport-udp'

/** Server ends of a virtual network as one listener: each end is an address. */
export interface VirtualListener extends UdpListener {
  /** From now on what arrives at `end` arrives here, as from its `remote`. */
  add(end: Link): void
  /** Nothing comes from there any more. */
  remove(end: Link): void
  /** A packet arrives, as from this end. */
  deliver(packet: Uint8Array, end: Link): void
}

export interface VirtualListenerOptions {
  /** Bytes that every path carries; the ends' own size unless given. */
  readonly basePacketSize?: number | undefined
  /** Once it has ended nothing is sent any more. */
  readonly life?: { readonly ended: boolean }
}

export function virtualListener(
  first: Link,
  { basePacketSize = first.maxPacketSize, life = { ended: false } }: VirtualListenerOptions = {},
): VirtualListener {
  const ends = new Map<string, Link>()
  const linkTo = (end: Link): UdpLink => new EndLink(end, basePacketSize, life)
  const listener: VirtualListener = {
    address: 'udp://10.0.0.1:4433',
    onPacket: () => {},
    add(end) {
      ends.set(end.remote, end)
      end.onPacket = packet => listener.deliver(packet, end)
    },
    remove: end => void ends.delete(end.remote),
    deliver: (packet, end) => listener.onPacket(packet, linkTo(end)),
    link: ({ address, port }) => linkTo(ends.get(`udp://${address}:${port}`)!),
    async close() {
      for (const end of ends.values()) end.close()
    },
    getStatistics: noStatistics,
  }
  listener.add(first)
  return listener
}

/** As a socket's: made anew for each packet. */
class EndLink implements UdpLink {
  readonly lossy = true
  readonly ordered = false
  readonly local = 'udp://10.0.0.1:4433'
  readonly basePacketSize: number
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  readonly #end: Link
  readonly #life: { readonly ended: boolean }

  constructor(end: Link, basePacketSize: number, life: { readonly ended: boolean }) {
    this.#end = end
    this.basePacketSize = basePacketSize
    this.#life = life
  }

  get remote(): string {
    return this.#end.remote
  }

  get maxPacketSize(): number {
    return this.#end.maxPacketSize
  }

  isSame(other: Link): boolean {
    return other instanceof EndLink && other.#end === this.#end
  }

  createRecovery(): LossRecovery {
    return createLossRecovery({ maxDatagramSize: this.basePacketSize, probeUpTo: this.maxPacketSize })
  }

  send(packet: Uint8Array): boolean {
    if (this.#life.ended) return true
    const isWritable = this.#end.send(packet)
    if (!isWritable) this.#end.onDrain = () => this.onDrain()
    return isWritable
  }

  async close(): Promise<void> {}

  readonly getStatistics = noStatistics
}

function noStatistics(): never {
  throw new Error('a virtual listener keeps no statistics')
}

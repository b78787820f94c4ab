import type { Link, LossRecovery } from '@stt/frame'
import type { VirtualLoop } from './virtual-loop.ts'
import type { VirtualPath } from './virtual-path.ts'

/** A packet, or the news that the other end of a message link closed it. */
export type OnWire = Uint8Array | 'end'

/** Whether a link behaves like a UDP path or like a WebSocket. */
export type LinkKind = 'datagram' | 'message'

export interface VirtualLinkOptions {
  readonly kind: LinkKind
  readonly maxPacketSize: number
  readonly remote: string
  readonly loop: VirtualLoop
  /** Bytes (message) or packets of one moment (datagram) after which `send` answers `false`. */
  readonly highWater: number
  /** The loss recovery that the link brings; none unless given. */
  readonly createRecovery?: ((link: Link) => LossRecovery) | undefined
}

/** One end of a link in virtual time. `path` leads away from it; what arrives is handed to `deliver`. */
export class VirtualLink implements Link {
  readonly lossy: boolean
  readonly ordered: boolean
  readonly remote: string
  maxPacketSize: number
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  readonly #options: VirtualLinkOptions
  #path: VirtualPath<OnWire> | undefined
  #outstanding = 0
  #blocked = false
  #closed = false

  constructor(options: VirtualLinkOptions) {
    this.#options = options
    this.lossy = options.kind === 'datagram'
    this.ordered = !this.lossy
    this.remote = options.remote
    this.maxPacketSize = options.maxPacketSize
  }

  createRecovery(): LossRecovery | undefined {
    return this.#options.createRecovery?.(this)
  }

  /** Where packets go from now on; `undefined`: nowhere. */
  attach(path: VirtualPath<OnWire> | undefined): void {
    this.#path = path
  }

  send(packet: Uint8Array): boolean {
    if (this.#closed) return true
    if (packet.length > this.maxPacketSize) {
      throw new RangeError(`a packet of ${packet.length} bytes on a link that takes ${this.maxPacketSize}`)
    }
    const { kind, loop, highWater } = this.#options
    this.#outstanding += kind === 'message' ? packet.length : 1
    this.#path?.send(packet.slice(), packet.length)
    if (kind === 'datagram') loop.schedule(loop.now, () => this.departed(1))
    if (this.#outstanding < highWater) return true
    this.#blocked = true
    return false
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (!this.lossy) this.#path?.send('end', 0)
    this.#options.loop.after(0, () => this.onClose())
  }

  /** Sent data has left: bytes of a message link, a packet of a datagram link. */
  departed(amount: number): void {
    this.#outstanding -= amount
    if (!this.#blocked || this.#outstanding > this.#options.highWater / 2) return
    this.#blocked = false
    if (!this.#closed) this.onDrain()
  }

  deliver(item: OnWire): void {
    if (this.#closed) return
    if (item !== 'end') {
      this.onPacket(item)
      return
    }
    this.#closed = true
    this.onClose()
  }
}

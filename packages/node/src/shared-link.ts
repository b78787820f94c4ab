import type { Link, LossRecovery } from '@stt/frame'
import type { UdpLink } from '@stt/transport-udp'

/** One session's part of a link that several sessions with one address use. */
export class SharedLink implements Link {
  /** The link that is shared. */
  readonly whole: UdpLink
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  readonly #release: (link: SharedLink) => void
  #closed = false

  /** @param release called once, when the session lets go */
  constructor(whole: UdpLink, release: (link: SharedLink) => void) {
    this.whole = whole
    this.#release = release
  }

  get lossy(): boolean {
    return this.whole.lossy
  }

  get ordered(): boolean {
    return this.whole.ordered
  }

  createRecovery(): LossRecovery | undefined {
    return this.whole.createRecovery()
  }

  get maxPacketSize(): number {
    return this.whole.maxPacketSize
  }

  get remote(): string {
    return this.whole.remote
  }

  send(packet: Uint8Array): boolean {
    return this.#closed || this.whole.send(packet)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#release(this)
  }
}

import type { Link } from '@stt/frame'

/** One session's part of a link that several sessions with one address use. */
export class SharedLink implements Link {
  onPacket: (packet: Uint8Array) => void = () => {}
  onDrain: () => void = () => {}
  onClose: (reason?: Error) => void = () => {}
  readonly #link: Link
  readonly #release: () => void
  #closed = false

  /** @param release called once, when the session lets go */
  constructor(link: Link, release: () => void) {
    this.#link = link
    this.#release = release
  }

  get kind(): Link['kind'] {
    return this.#link.kind
  }

  get maxPacketSize(): number {
    return this.#link.maxPacketSize
  }

  get remote(): string {
    return this.#link.remote
  }

  send(packet: Uint8Array): boolean {
    return this.#closed || this.#link.send(packet)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#release()
  }
}

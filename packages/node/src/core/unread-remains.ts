import type { StreamManager } from '@stt/stream'

type Streams = Pick<StreamManager, 'heldBytes'>

/** The streams of one ended session, which only the application keeps. */
interface Remains {
  readonly streams: WeakRef<Streams>
  /** Bytes that are counted of it. */
  bytes: number
}

/**
 * Counts the unread data of ended sessions, which belong to the application: until it has read them, or has dropped the
 * streams, and without keeping either alive. Otherwise a peer that sends and leaves could fill the memory of a program
 * that reads slowly.
 */
export class UnreadRemains {
  readonly #all = new Set<Remains>()
  readonly #collected = new FinalizationRegistry<Remains>(remains => this.#release(remains))
  readonly #onChange: (bytes: number) => void

  /** @param onChange told how many bytes more, or less, are counted */
  constructor(onChange: (bytes: number) => void) {
    this.#onChange = onChange
  }

  add(streams: Streams): void {
    const bytes = streams.heldBytes
    if (bytes === 0) return
    const remains: Remains = { streams: new WeakRef(streams), bytes }
    this.#all.add(remains)
    this.#collected.register(streams, remains)
    this.#onChange(bytes)
  }

  /** Looks again at all of them. */
  sweep(): void {
    for (const remains of this.#all) {
      const now = remains.streams.deref()?.heldBytes ?? 0
      if (now === 0) this.#release(remains)
      else if (now !== remains.bytes) {
        this.#onChange(now - remains.bytes)
        remains.bytes = now
      }
    }
  }

  #release(remains: Remains): void {
    if (this.#all.delete(remains)) this.#onChange(-remains.bytes)
  }
}

import { equalBytes } from '@stt/crypto'
import type { SessionHandle } from '../session/session-core.ts'
import type { StreamCore } from '../stream/stream-core.ts'

/**
 * Sessions that are silent for longer than their idle time and kept in case their peers come back: at most so many of a node
 * and of one peer. Beyond that the one that has waited for longest ends.
 */
// spec: STT-PKT-55
export class DormantSessions<S extends StreamCore = StreamCore> {
  /** The one that has been silent for longest first. */
  readonly #handles = new Set<SessionHandle<S>>()
  readonly #isDormant: (handle: SessionHandle<S>) => boolean
  readonly #end: (handle: SessionHandle<S>) => void

  /**
   * @param isDormant whether it still is: those that were heard again say nothing
   * @param end ends one for good
   */
  constructor(isDormant: (handle: SessionHandle<S>) => boolean, end: (handle: SessionHandle<S>) => void) {
    this.#isDormant = isDormant
    this.#end = end
  }

  add(handle: SessionHandle<S>): void {
    this.#handles.delete(handle)
    for (const other of this.#handles) if (!this.#isDormant(other)) this.#handles.delete(other)
    this.#handles.add(handle)
    const { id } = handle.session.peer
    const ofPeer = [...this.#handles].filter(({ session }) => equalBytes(session.peer.id, id))
    const oldest =
      ofPeer.length > MOST_OF_PEER ? ofPeer[0] : this.#handles.size > MOST ? [...this.#handles][0] : undefined
    if (oldest) this.#end(oldest)
  }

  remove(handle: SessionHandle<S>): void {
    this.#handles.delete(handle)
  }
}

const MOST = 256
const MOST_OF_PEER = 4

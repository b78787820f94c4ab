import { QueueNode } from './queue.ts'
import type { SendHalf } from './send-half.ts'
import { WAKE_SHARE } from './session-credit.ts'
import type { SharedState } from './shared-state.ts'
import type { StreamCore } from './stream-core.ts'
import { EventBit } from './stream-events.ts'

/** The application's side of a sending part: takes what credit allows and wakes the writer when there is more. */
export class StreamWriter {
  readonly #core: StreamCore
  readonly #sending: SendHalf
  readonly #shared: SharedState
  /** In the queue of those that session credit alone holds up. */
  readonly #blockedNode: QueueNode<StreamCore>
  #waits = false

  constructor(core: StreamCore, sending: SendHalf) {
    this.#core = core
    this.#sending = sending
    this.#shared = core.shared
    this.#blockedNode = new QueueNode(core)
  }

  /** Bytes that `accept` would take now. */
  get accepts(): number {
    return Math.max(0, Math.min(this.#sending.credit, this.#room, this.#shared.sendCredit.accepts))
  }

  /** Copies to the send buffer what both credits and our own limits accept; returns how much that was. */
  // spec: STT-STR-11 STT-STR-25
  accept(bytes: Uint8Array): number {
    if (bytes.length === 0) return 0
    const length = Math.min(bytes.length, this.accepts)
    if (length > 0) {
      this.#sending.append(bytes, length)
      this.#shared.sendCredit.accept(length)
      this.#shared.scheduler.add(this.#core.dataNode, this.#core.priority)
    }
    if (length === bytes.length) this.leave()
    else this.#wait()
    return length
  }

  /** Ends the part with FIN after what was accepted. */
  end(): void {
    this.leave()
    this.#sending.end()
    this.#shared.scheduler.add(this.#core.dataNode, this.#core.priority)
  }

  /** The peer raised the stream's limit. */
  onCredit(max: number): void {
    if (!this.#sending.raiseLimit(max) || !this.#waits) return
    this.#tryAgain()
  }

  /** The peer acknowledged bytes, which are kept no longer. */
  onReleased(length: number): void {
    this.#shared.sendCredit.release(length)
    if (this.#waits && this.#room >= this.#shared.limits.maxStreamSend * WAKE_SHARE) this.#tryAgain()
  }

  /** There is credit again. */
  wake(): void {
    this.leave()
    this.#shared.events.push(this.#core, EventBit.Writable)
  }

  /** The writer waits no more. */
  leave(): void {
    this.#waits = false
    this.#shared.blocked.remove(this.#blockedNode)
  }

  /** Bytes that our own limit for a stream still takes. */
  get #room(): number {
    return this.#shared.limits.maxStreamSend - this.#sending.buffered
  }

  #tryAgain(): void {
    if (this.#sending.credit > 0 && this.#shared.sendCredit.canWake) this.wake()
    else this.#wait()
  }

  #wait(): void {
    this.#waits = true
    if (this.#sending.credit > 0 && this.#room > 0) this.#shared.blocked.push(this.#blockedNode)
  }
}

import type { ProtocolError } from '@stt/frame'
import type { Clock } from '../time/clock.ts'

/** The session, as its streams see it. */
export interface StreamOwner {
  readonly clock: Clock
  /** The peer broke a rule that showed only in reading. */
  violation(error: ProtocolError): void
  /** Whether the stream holds writes, or an end, that flow control has not accepted, from now on. */
  onPending(pending: boolean): void
}

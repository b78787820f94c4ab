import { SttError } from '@stt/errors'
import type { Link } from '@stt/frame'
import { ACKNOWLEDGED_WITHIN, type DeliveryTracker } from '../send/delivery-tracker.ts'
import type { SessionEvent } from '../session-events.ts'
import type { DropReason } from '../statistics.ts'

/**
 * Gives up a message link whose packets do not verify, or over which packets are not acknowledged. Such a link does not lose or
 * alter packets by itself, so neither can be an accident of the network.
 */
export class LinkWatch {
  readonly #deliveries: DeliveryTracker
  readonly #emit: (event: SessionEvent) => void
  /** The link reported last: one report is enough, however much more comes over it. */
  #failed: Link | undefined

  constructor(deliveries: DeliveryTracker, emit: (event: SessionEvent) => void) {
    this.#deliveries = deliveries
    this.#emit = emit
  }

  /** When the active link is given up unless the peer acknowledges a packet before; `Infinity` for a lossy link. */
  // spec: STT-PKT-44
  deadline(active: Link): number {
    return active.lossy || active === this.#failed ? Number.POSITIVE_INFINITY : this.#deliveries.overdueAt
  }

  onTime(active: Link, now: number): void {
    if (now >= this.deadline(active)) this.#fail(active, unacknowledged(active))
  }

  /** A packet from `link` did not verify: its sender does not hold the keys, and the packet that it replaced is lost. */
  // spec: STT-PKT-22
  onUnverified(link: Link, reason: DropReason): void {
    if (!link.lossy && link !== this.#failed) this.#fail(link, unverified(link, reason))
  }

  #fail(link: Link, error: SttError): void {
    this.#failed = link
    this.#emit({ type: 'link-failed', link, error })
  }
}

function unverified({ remote }: Link, reason: DropReason): SttError {
  const message = `what came from ${remote} was no packet of the session's peer (${reason}): something between the two changed or added it`
  return new SttError('STT_LINK_FAILED', message, { details: { reason } })
}

function unacknowledged({ remote }: Link): SttError {
  const seconds = ACKNOWLEDGED_WITHIN / 1_000
  const message = `the peer at ${remote} has not acknowledged for ${seconds} s what was sent to it: it stopped, or does not keep to the protocol`
  return new SttError('STT_LINK_FAILED', message)
}

import { CloseCode, type Link, ProtocolError } from '@stt/frame'
import type { KeyUpdates } from '../keys/key-updates.ts'
import type { PacketOpener } from '../keys/packet-opener.ts'
import type { PacketSealer } from '../keys/packet-sealer.ts'
import type { Lifecycle } from '../life/lifecycle.ts'
import type { Path } from '../path/path.ts'
import type { PathProbes } from '../path/path-probes.ts'
import type { DeliveryTracker } from '../send/delivery-tracker.ts'
import type { AckScheduler } from './ack-scheduler.ts'
import type { IncomingDatagrams } from './incoming-datagrams.ts'
import type { SessionFrameHandler } from './incoming-frames.ts'

export interface OwnFramesParts {
  readonly role: 'initiator' | 'responder'
  readonly datagrams: IncomingDatagrams
  readonly sealer: PacketSealer
  readonly opener: PacketOpener
  readonly keyUpdates: KeyUpdates
  readonly acks: AckScheduler
  readonly deliveries: DeliveryTracker
  readonly probes: PathProbes
  readonly lifecycle: Lifecycle
  readonly currentPath: () => Path | undefined
  /** What was sent over this path came back. */
  readonly onProved: (path: Path) => void
}

/** What the frames of the session itself do: those that are not about streams. */
export class OwnFrames implements SessionFrameHandler {
  readonly #parts: OwnFramesParts
  /** The packet at hand. */
  #link: Link | undefined
  #size = 0
  #now = 0

  constructor(parts: OwnFramesParts) {
    this.#parts = parts
  }

  /** A packet of `size` bytes arrived on `link`: its frames come next. */
  begin(link: Link, size: number, now: number): void {
    this.#link = link
    this.#size = size
    this.#now = now
  }

  onAck(ranges: readonly number[], delay: number): void {
    const { deliveries, opener, sealer, keyUpdates, acks, currentPath } = this.#parts
    const { nextPacketNumber } = sealer
    const outcome = deliveries.onAck(ranges, delay, opener.openedEpoch, nextPacketNumber, currentPath(), this.#now)
    keyUpdates.onAcknowledged(outcome.epoch, this.#now)
    if (outcome.largestAcknowledged >= 0) acks.onAckAcknowledged(outcome.largestAcknowledged)
  }

  onPathChallenge(data: Uint8Array): void {
    this.#parts.probes.onChallenge(data, this.#link!, this.#size)
  }

  onPathResponse(data: Uint8Array): void {
    const path = this.#parts.probes.onResponse(data, this.#link!)
    if (path) this.#parts.onProved(path)
  }

  onClose(app: boolean, code: number, reason: string): void {
    this.#parts.lifecycle.onPeerClose(app, code, reason, this.#now)
  }

  // spec: STT-PKT-29
  onHandshakeDone(): void {
    if (this.#parts.role === 'responder') return
    throw new ProtocolError(
      CloseCode.ProtocolViolation,
      'the peer sent HANDSHAKE_DONE, which only an initiator may send',
    )
  }

  onDatagram(data: Uint8Array): void {
    this.#parts.datagrams.onDatagram(data)
  }
}

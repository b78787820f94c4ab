import type { CongestionControl, LossRecovery, PathStatistics, SentPacket } from '@stt/frame'
import { RttEstimator } from '@stt/recovery'

/** Loss recovery that does what a test says and records its calls. By itself it loses and holds back no packet. */
export class ScriptedRecovery implements LossRecovery {
  readonly rtt: RttEstimator = new RttEstimator()
  packetSize = 1_200
  probeTimeout = 100
  probesWanted = 0
  probesInARow = 0
  /** The answer of `sizeProbe` until a packet of that size is sent. */
  sizeWanted = 0
  readonly stalls: number[] = []
  deadline: number = Number.POSITIVE_INFINITY
  /** The answer of `canSend`, and when it may change. */
  open = true
  opensAt: number = Number.POSITIVE_INFINITY
  /** Numbers to declare lost when the next ACK or timeout comes. */
  loseOnAck: number[] = []
  /** Numbers of each call of `onAcknowledged`. */
  readonly acknowledged: number[][] = []
  readonly sent: SentPacket[] = []
  applicationLimited = 0
  losses = 0

  readonly congestion: CongestionControl = {
    canSend: () => this.open,
    deadline: () => {
      if (this.open) throw new Error('deadline means nothing while canSend is true')
      return this.opensAt
    },
    onApplicationLimited: () => {
      this.applicationLimited++
    },
  }

  onPacketSent(packet: SentPacket): void {
    if (this.probesWanted > 0) this.probesWanted--
    if (packet.size === this.sizeWanted) this.sizeWanted = 0
    this.sent.push(packet)
  }

  sizeProbe(): number {
    return this.sizeWanted
  }

  onStall(now: number): void {
    this.stalls.push(now)
  }

  onAcknowledged(
    acknowledged: readonly SentPacket[],
    timedFrom: number | undefined,
    ackDelay: number,
    lost: SentPacket[],
    now: number,
  ): void {
    this.acknowledged.push(acknowledged.map(({ packetNumber }) => packetNumber))
    if (timedFrom !== undefined) this.rtt.update(now - timedFrom, ackDelay)
    this.#lose(lost)
  }

  onTime(lost: SentPacket[]): void {
    this.deadline = Number.POSITIVE_INFINITY
    this.#lose(lost)
  }

  getStatistics(): PathStatistics {
    return {
      smoothedRtt: this.rtt.smoothed,
      minRtt: this.rtt.min,
      congestionWindow: 0,
      bytesInFlight: 0,
      pacingRate: 0,
      maxDatagramSize: this.packetSize,
      packetsLost: this.losses,
      packetsSpuriouslyLost: 0,
      probesSent: 0,
    }
  }

  #lose(into: SentPacket[]): void {
    for (const packet of this.sent.filter(({ packetNumber }) => this.loseOnAck.includes(packetNumber))) {
      packet.lost = true
      this.losses++
      into.push(packet)
    }
    this.loseOnAck = []
  }
}
